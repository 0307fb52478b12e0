//! Power cuts: a file system is shut down under load without a last write, mounted again, and all
//! that was acknowledged must be there. Needs root, loop devices and mkfs.

use std::{
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{
    Options, Tally,
    crowd::{Attempt, line, lost, outcome},
    desk::{ran, tool},
    disk::Mounted,
    operation::company,
    random::Random,
};

/// Bytes of a disk.
const BYTES: u64 = 512 * 1024 * 1024;
/// Records that are acknowledged on each file system before it is enough.
const ENOUGH: usize = 1_000;
/// Writers at once.
const WRITERS: u64 = 4;
/// A folder of files that are never synced, and how many.
const CONTROL: &str = "control";
const CONTROLS: usize = 20;
/// Writes the controls and calls `FS_IOC_SHUTDOWN` without flushing the log, as losing power does.
const SHUTDOWN: &str = "import fcntl, os, struct, sys\n\
    for at in range(int(sys.argv[3])): open(os.path.join(sys.argv[2], str(at)), 'w').write('1')\n\
    fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))";

/// Cuts the power of ext4 and of xfs.
pub(crate) fn cut(options: &Options) -> Result<Vec<Tally>, String> {
    let systems = [("ext4", "mkfs.ext4 -q -F"), ("xfs", "mkfs.xfs -q -f")];
    let tally = |(name, make): &(&str, &str)| {
        let named = format!("power cut on {name}");
        if tool(Path::new("/"), "id -u").is_ok_and(|ran| ran.out.trim() != "0") {
            return Ok(Tally::skipped(&named, "it needs root"));
        }
        let program = make.split(' ').next().unwrap_or_default();
        match tool(Path::new("/"), &format!("which {program}")) {
            Err(_) => Ok(Tally::skipped(&named, &format!("{program} is missing"))),
            Ok(_) => on(options, &named, make),
        }
    };
    systems.iter().map(tally).collect()
}

fn on(options: &Options, name: &str, make: &str) -> Result<Tally, String> {
    let home = options.on_disk()?;
    let image = home.path().join("image");
    let file = fs::File::create(&image).map_err(|error| error.to_string())?;
    file.set_len(BYTES).map_err(|error| error.to_string())?;
    tool(home.path(), &format!("{make} {}", image.display()))?;
    let place = home.path().join("disk");
    let loops = format!("-o loop {}", image.display());
    let mut tally = Tally::new(name, "acknowledged records");
    let root = place.join("data");
    {
        let _mounted = Mounted::new(&place, &loops)?;
        company(&root)?;
        tool(home.path(), "sync")?;
    }
    let (mut acknowledged, mut cuts, mut controls_lost) = (Vec::new(), 0_u64, 0);
    let enough = if options.short { ENOUGH / 10 } else { ENOUGH };
    while acknowledged.len() < enough {
        let mut mounted = Mounted::new(&place, &loops)?;
        // What an earlier cut left of it is in the way.
        let _ = fs::remove_dir_all(place.join(CONTROL));
        fs::create_dir(place.join(CONTROL)).map_err(|error| error.to_string())?;
        acknowledged.extend(under_load(options, &mounted.at, cuts)?);
        drop(mounted);
        mounted = Mounted::new(&place, &loops)?;
        let outlived = |at: &usize| {
            fs::read(place.join(CONTROL).join(at.to_string())).is_ok_and(|held| held == b"1")
        };
        controls_lost += CONTROLS - (0..CONTROLS).filter(outlived).count();
        let mut now = Tally::new(name, "");
        lost(&mut now, &options.program, &root, &acknowledged);
        cuts += 1;
        let at = |mut bad: crate::Bad| {
            bad.at = format!("cut {cuts}");
            bad
        };
        tally.bad.extend(now.bad.into_iter().map(at));
        drop(mounted);
    }
    tally.of = acknowledged.len();
    if controls_lost == 0 {
        tally.bad("every cut", "files that were never synced outlive it, so it is no cut", "");
    }
    tally.note =
        Some(format!("{cuts} cuts, which lost {controls_lost} files that were not synced"));
    Ok(tally)
}

/// Writes with several writers, cuts the power meanwhile, and gives what was acknowledged.
fn under_load(options: &Options, place: &Path, cut: u64) -> Result<Vec<String>, String> {
    let root = place.join("data");
    let (off, acknowledged) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let shut = thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (off, acknowledged, root) = (&off, &acknowledged, &root);
            scope.spawn(move || {
                let mut random = Random::new(cut * WRITERS + writer + 1);
                while !off.load(Ordering::Relaxed) {
                    let line = line(&mut random);
                    let ended = options.program.run(root, &line);
                    // After the cut every command fails, in whatever words.
                    if let Attempt::Acknowledged(id) = outcome(&line, ended) {
                        acknowledged.lock().expect("no writer panics").push(id);
                    }
                }
            });
        }
        thread::sleep(Duration::from_millis(2_500 + cut % 7 * 130));
        let mut shutdown = std::process::Command::new("python3");
        shutdown.args(["-c", SHUTDOWN]).arg(place).arg(place.join(CONTROL));
        let shut = ran(shutdown.arg(CONTROLS.to_string()));
        off.store(true, Ordering::Relaxed);
        shut
    });
    if shut.code != Some(0) {
        return Err(format!("shutdown: {}", shut.words()));
    }
    acknowledged.into_inner().map_err(|error| error.to_string())
}
