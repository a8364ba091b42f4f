//! Leave to call: claims that waited, and those whose payload was not read with them, ask once more at the moment of their call. Many ask
//! in one statement.

use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::{
    error::{Error, Result},
    model::Path,
    store::{
        Db,
        delivery::{self, Mine, may_call},
    },
};

/// Claims that ask in one statement, and bytes of payload that it brings, as PostgreSQL keeps them.
const BATCH: usize = 64;
const BYTES: usize = 4 << 20;
/// Statements at the same time, of each kind.
const ASKERS: usize = 2;
/// Claims that ask alone at the same time, after PostgreSQL refused to answer for all of a batch.
const ALONE: usize = 4;

struct Question {
    mine: Mine,
    /// The payload is wanted: so many bytes.
    wanted: Option<usize>,
    answer: oneshot::Sender<Result<Answer>>,
}

/// What a claim is told.
#[derive(Debug)]
pub enum Answer {
    Yes(Box<delivery::Leave>),
    /// Not now, or not by this path.
    No,
    /// Ours no longer.
    Lost,
    /// PostgreSQL cannot read payload or settings, for this reason.
    Unreadable(Error),
}

/// Where one path of a worker asks. Who wants no payload never waits for one that PostgreSQL cannot read.
#[derive(Debug, Clone)]
pub struct Leaves {
    without_payload: mpsc::Sender<Question>,
    with_payload: mpsc::Sender<Question>,
}

impl Leaves {
    pub fn new(db: &Db, worker: &str, path: Path) -> Leaves {
        let desk = || {
            let (sender, questions) = mpsc::channel(BATCH * 4);
            let desk = Desk {
                db: db.clone(),
                worker: worker.to_string(),
                path,
                alone: Arc::new(Semaphore::new(ALONE)),
            };
            tokio::spawn(desk.answer_all(questions));
            sender
        };
        Leaves {
            without_payload: desk(),
            with_payload: desk(),
        }
    }

    /// May this be called now? `wanted`: its payload as well, of so many bytes.
    pub async fn ask(&self, mine: Mine, wanted: Option<usize>) -> Result<Answer> {
        let gone = || Error::failed("nobody answers whether a claim may be called");
        let (answer, answered) = oneshot::channel();
        let question = Question {
            mine,
            wanted,
            answer,
        };
        let desk = match wanted {
            Some(_) => &self.with_payload,
            None => &self.without_payload,
        };
        desk.send(question).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

#[derive(Clone)]
struct Desk {
    db: Db,
    worker: String,
    path: Path,
    alone: Arc<Semaphore>,
}

impl Desk {
    /// Answers until nobody can ask any more.
    async fn answer_all(self, mut questions: mpsc::Receiver<Question>) {
        let askers = Arc::new(Semaphore::new(ASKERS));
        while let Some(first) = questions.recv().await {
            let Ok(asker) = askers.clone().acquire_owned().await else {
                return;
            };
            let mut bytes = first.wanted.unwrap_or(0);
            let mut batch = vec![first];
            while batch.len() < BATCH && bytes < BYTES {
                let Ok(next) = questions.try_recv() else {
                    break;
                };
                bytes += next.wanted.unwrap_or(0);
                batch.push(next);
            }
            let desk = self.clone();
            tokio::spawn(async move {
                let refused = desk.answer(batch).await;
                drop(asker);
                for question in refused {
                    tokio::spawn(desk.clone().answer_alone(question));
                }
            });
        }
    }

    /// Returns those that are to ask alone: PostgreSQL refuses to answer for all of them, and one that it cannot read may take seconds.
    async fn answer(&self, batch: Vec<Question>) -> Vec<Question> {
        if batch.len() == 1 && batch[0].wanted.is_some() {
            return batch;
        }
        let asked: Vec<(Mine, bool)> = batch
            .iter()
            .map(|question| (question.mine.clone(), question.wanted.is_some()))
            .collect();
        match may_call(&self.db, &self.worker, self.path, &asked).await {
            Ok(mut leaves) => {
                for question in batch {
                    let call = question.mine.call_id;
                    let at = leaves.iter().position(|leave| leave.call_id == call);
                    let said = at.map(|at| read(leaves.swap_remove(at), question.wanted.is_some()));
                    let _ = question.answer.send(Ok(said.unwrap_or(Answer::Lost)));
                }
                Vec::new()
            }
            Err(error) if !error.is_temporary() => batch,
            Err(error) => {
                let why = error.to_string();
                for question in batch {
                    let said =
                        Error::failed("cannot ask whether a claim may be called").detail(&why);
                    let _ = question.answer.send(Err(said));
                }
                Vec::new()
            }
        }
    }

    async fn answer_alone(self, question: Question) {
        let _place = self.alone.acquire().await;
        let wanted = question.wanted.is_some();
        let asked = [(question.mine, wanted)];
        let said = match may_call(&self.db, &self.worker, self.path, &asked).await {
            Ok(mut leaves) => Ok(leaves
                .pop()
                .map_or(Answer::Lost, |leave| read(leave, wanted))),
            Err(error) if !error.is_temporary() => Ok(Answer::Unreadable(error)),
            Err(error) => Err(error),
        };
        let _ = question.answer.send(said);
    }
}

fn read(leave: delivery::Leave, wanted: bool) -> Answer {
    match leave.verdict.as_str() {
        "lost" => Answer::Lost,
        // Its row went away between claim and call.
        "yes" if wanted && leave.payload.is_none() => Answer::Lost,
        "yes" => Answer::Yes(Box::new(leave)),
        _ => Answer::No,
    }
}
