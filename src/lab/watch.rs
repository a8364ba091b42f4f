//! Ends a server when the process that started it is killed before it could do so itself.

use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::error::{Context, Error, Result};

/// Lives as long as this process; then ends the server and removes its folder. Dropped, it does nothing.
#[derive(Debug)]
pub struct Watch(Child);

impl Watch {
    /// Over a running server, whose files lie below `dir`.
    pub fn over(server: Option<u32>, dir: &Path) -> Result<Watch> {
        let server = server.ok_or_else(|| Error::failed("no server runs that could be watched"))?;
        // Its input is a pipe that ends with this process, however that comes about.
        let script =
            "read -r end; kill -QUIT \"$1\" && sleep 1 && kill -KILL \"$1\"; rm -rf \"$2\"";
        let child = Command::new("sh")
            .args(["-c", script, "watch", &server.to_string()])
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("sh did not start")?;
        Ok(Watch(child))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Killed before the pipe closes: nothing left to do for it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
