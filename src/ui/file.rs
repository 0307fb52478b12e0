//! A file that pages are written to: whole, or not there.
//!
//! It is written beside itself and renamed, so that whoever reads it meanwhile has the old one. An
//! error names the file.

use std::{
    fs, io,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Kind, Result},
    value::text::clean,
};

/// Writes a file with what `write` gives. What is not a plain file (a device, a pipe) is written to
/// as it is; a pipe that was closed at its other end has had what it wanted.
pub(super) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let message = || format!("writing {} failed", clean(&path.display().to_string()));
    let failed = |cause| Error::failure(message()).because(cause);
    let existing = fs::metadata(path).ok();
    let named = |error: Error| match error.kind {
        Kind::Failure => Error { message: message(), ..error },
        _ => error,
    };
    if existing.as_ref().is_some_and(|existing| !existing.is_file() && !existing.is_dir()) {
        let file = fs::OpenOptions::new().write(true).open(path).map_err(failed)?;
        let mut out = BufWriter::new(super::UnlessClosed(file));
        write(&mut out).map_err(named)?;
        return out.flush().map_err(failed);
    }
    // Through a link its target is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut file = beside(&target).map_err(failed)?;
    let mut out = BufWriter::new(file.as_file_mut());
    write(&mut out).map_err(named)?;
    out.flush().map_err(failed)?;
    drop(out);
    if let Some(existing) = existing {
        file.as_file().set_permissions(existing.permissions()).map_err(failed)?;
    }
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&target).map_err(|error| failed(error.error))?;
    Ok(())
}

/// A new file in the folder of another.
fn beside(target: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tmp-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The umask takes away from it, as from every new file.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
        write_file(path, |out| {
            out.write_all(bytes).map_err(|cause| Error::failure("x").because(cause))
        })
    }

    #[test]
    fn what_stops_half_way_leaves_the_old_file() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.html");
        assert!(write_bytes(&path, b"old").is_ok());
        let written = write_file(&path, |out| {
            out.write_all(b"new").expect("a file takes it");
            Err(Error::usage("too many rows"))
        });
        assert_eq!(written.expect_err("it stopped").message, "too many rows");
        assert_eq!(fs::read(&path)?, b"old");
        assert_eq!(fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("no/such/folder.csv");
        let error = write_bytes(&path, b"x").expect_err("its folder does not exist");
        assert!(error.message.contains("folder.csv"));
        assert!(write_bytes(folder.path(), b"x").is_err(), "a folder is not overwritten");
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn a_replaced_file_keeps_its_mode_and_links_stay_links() -> io::Result<()> {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir()?;
        let (path, link) = (folder.path().join("a.csv"), folder.path().join("b.csv"));
        assert!(write_bytes(&path, b"1").is_ok());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640))?;
        symlink(&path, &link)?;
        assert!(write_bytes(&link, b"2").is_ok());
        assert_eq!(fs::read(&path)?, b"2");
        assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link)?.is_symlink());
        Ok(())
    }
}
