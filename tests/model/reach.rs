//! From every state that can be reached, can a quiet one be reached? `eventually` of stateright does not see cycles; here the whole
//! graph is walked, and then backwards from what is quiet.

use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
};

use stateright::Model;

use super::{action::Action, protocol::Protocol, story, world::World};

pub struct Graph {
    pub states: usize,
    pub steps: usize,
    pub quiet: usize,
    /// The story of the nearest state from which no quiet one can be reached.
    pub trapped: Option<String>,
}

fn print_of(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish()
}

pub fn walk(protocol: &Protocol, quiet: fn(&World) -> bool) -> Graph {
    let mut known: HashMap<u64, u32> = HashMap::new();
    let mut parents: Vec<Option<(u32, Action)>> = Vec::new();
    let mut edges: Vec<(u32, u32)> = Vec::new();
    let mut quiets: Vec<u32> = Vec::new();
    let mut front: VecDeque<(u32, World)> = VecDeque::new();
    for world in protocol.init_states() {
        known.insert(print_of(&world), number(parents.len()));
        front.push_back((number(parents.len()), world));
        parents.push(None);
    }
    while let Some((from, world)) = front.pop_front() {
        if quiet(&world) {
            quiets.push(from);
        }
        for (action, next) in protocol.next_steps(&world) {
            let to = *known.entry(print_of(&next)).or_insert_with(|| {
                let to = number(parents.len());
                parents.push(Some((from, action)));
                front.push_back((to, next));
                to
            });
            edges.push((to, from));
        }
    }
    let steps = edges.len();
    let reaches = backwards(parents.len(), edges, &quiets);
    let trapped = reaches.iter().position(|reaches| !reaches);
    Graph {
        states: parents.len(),
        steps,
        quiet: quiets.len(),
        trapped: trapped.map(|state| tell(protocol, &parents, number(state))),
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Which states lead to one of these? `edges`: state, and one from which it is reached.
fn backwards(states: usize, mut edges: Vec<(u32, u32)>, from: &[u32]) -> Vec<bool> {
    edges.sort_unstable();
    let mut reaches = vec![false; states];
    let mut front: Vec<u32> = from.to_vec();
    while let Some(state) = front.pop() {
        if std::mem::replace(&mut reaches[state as usize], true) {
            continue;
        }
        let begin = edges.partition_point(|(to, _)| *to < state);
        let before = edges[begin..].iter().take_while(|(to, _)| *to == state);
        front.extend(before.map(|(_, before)| *before));
    }
    reaches
}

fn tell(protocol: &Protocol, parents: &[Option<(u32, Action)>], state: u32) -> String {
    let mut actions = Vec::new();
    let mut at = state;
    while let Some((before, action)) = parents[at as usize] {
        actions.push(action);
        at = before;
    }
    let mut world = protocol.bounds.first();
    let mut lines = Vec::new();
    for action in actions.into_iter().rev() {
        lines.push(format!(
            "{}. {}",
            lines.len() + 1,
            story::step(protocol, &world, action)
        ));
        world = protocol.next_state(&world, action).unwrap_or(world);
    }
    lines.push(format!("Nothing leads to quiet from here: {world:#?}"));
    lines.join("\n")
}
