//! `desk init`: a new data directory, empty or with the example company; in one that is there, this
//! clone of it.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use include_dir::{Dir, include_dir};

use super::{Context, Done, clone};
use crate::{
    book::Book,
    config::Config,
    demo::{self, Buyer, Good},
    desk::Desk,
    error::{Error, Kind as Class, Result},
    record::{Kind, customer::Customer, product::Product},
    store::{atomic, atomic::FileWrite, layout},
    value::{currency, period::Period},
};

static EXAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data-example");

/// Files that go out together; what lies between two batches is whole.
const BATCH: usize = 5000;

pub(super) fn command() -> Command {
    Command::new("init")
        .about("Make a data directory, empty or with the example company; in a clone of one, set it up")
        .arg(Arg::new("path").value_name("DIR").default_value(".").value_parser(value_parser!(PathBuf)).help("Where"))
        .arg(Arg::new("demo").long("demo").action(ArgAction::SetTrue).help("With nine months of an example company"))
        .arg(
            Arg::new("orders")
                .long("orders")
                .value_name("N")
                .requires("demo")
                .value_parser(value_parser!(u32).range(1..=2_000_000))
                .help("With N made-up orders over three years instead, and their payments, to measure with"),
        )
        .arg(Arg::new("name").long("name").value_name("TEXT").help("Name of the company"))
        .arg(Arg::new("currency").long("currency").value_name("CODE").default_value("CNY").help("Base currency"))
        .arg(Arg::new("time-zone").long("time-zone").value_name("ZONE").default_value("Asia/Shanghai").help("Time zone of the company"))
        .arg(Arg::new("git").long("git").action(ArgAction::SetTrue).help("Make it a git repository too"))
        .arg(Arg::new("site").long("site").value_name("SITE").help("Site of this clone: 1-3 capital letters, or none"))
        .arg(Arg::new("user").long("user").value_name("CODE").help("Staff code of whoever works in this clone"))
        .after_help("Examples:\n  desk init ledger --name '华东医疗' --currency CNY --git\n  desk init --site B --user wang\n  desk init --demo try-it\n  desk init --demo --orders 100000 big")
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<Done> {
    let root = matches.get_one::<PathBuf>("path").cloned().unwrap_or_default();
    let root = match &context.globals.dir {
        Some(dir) if root == Path::new(".") => dir.clone(),
        _ => root,
    };
    let demo = matches.get_flag("demo");
    let wanted = clone::Wanted::of(matches)?;
    if root.join(layout::CONFIG).exists() {
        return match demo || matches.get_one::<String>("name").is_some() {
            false => clone::set_up(context, &root, &wanted),
            true => {
                let message = format!("{} is a data directory already", root.display());
                Err(Error::new(Class::Conflict, message))
            }
        };
    }
    if !demo && matches.get_one::<String>("name").is_none() {
        let hint =
            format!("desk init {} --name '…', or --demo for the example company", root.display());
        return Err(Error::usage("a new data directory needs the name of its company").hint(hint));
    }
    let count = matches.get_one::<u32>("orders").copied();
    let mut files = if demo { example(count.is_some()) } else { fresh(matches)? };
    files.extend(clone::housekeeping(&root)?);
    vacant(&root, &files)?;
    if context.globals.dry_run {
        context.ui.line(&format!("{}: {} files", root.display(), files.len()))?;
        return Ok(Done::Well);
    }
    let failed = |error| Error::failure(format!("cannot make {}", root.display())).because(error);
    std::fs::create_dir_all(&root).map_err(failed)?;
    let lock = atomic::lock(&root)?;
    // desk.toml marks the directory, so it comes last: a half made one is none.
    files.sort_by_key(|file| file.path == layout::CONFIG);
    atomic::publish(&root, &files)?;
    if let Some(count) = count {
        generate(context, &root, usize::try_from(count).unwrap_or(usize::MAX))?;
    }
    drop(lock);
    clone::prepare(&root, &wanted)?;
    context.ui.line(&format!("{} is a data directory now", root.display()))?;
    let next = if demo {
        format!("desk -C {} report sales -p 2026", root.display())
    } else {
        format!("desk -C {} customer add CODE --name …", root.display())
    };
    context.ui.line(&format!("Next: {next}"))?;
    Ok(Done::Well)
}

/// Refuses a directory in which a file stands that would be made, before anything is written.
fn vacant(root: &Path, files: &[FileWrite]) -> Result<()> {
    let is_taken = |file: &&FileWrite| {
        file.before.is_none() && root.join(&file.path).symlink_metadata().is_ok()
    };
    match files.iter().find(is_taken) {
        None => Ok(()),
        Some(file) => {
            let message = format!("cannot make a data directory: {} is there already", file.path);
            Err(Error::conflict(message).hint("desk init DIR, another directory"))
        }
    }
}

pub(super) fn new_file(path: impl Into<String>, after: impl Into<Vec<u8>>) -> FileWrite {
    FileWrite { path: path.into(), before: None, after: Some(after.into()) }
}

/// The files of the example company, without its orders and contracts where others are made
/// instead.
fn example(masters_only: bool) -> Vec<FileWrite> {
    let mut files = Vec::new();
    let mut folders = vec![&EXAMPLE];
    while let Some(folder) = folders.pop() {
        // Reading the example where it stands leaves a cache there, which is no part of it.
        let records = folder.dirs().filter(|below| !below.path().starts_with(layout::LOCAL));
        folders.extend(records);
        for file in folder.files() {
            let path = file.path().to_string_lossy().replace('\\', "/");
            let dated = !["customers/", "products/", "suppliers/", "staff/", "private/"]
                .iter()
                .any(|masters| path.starts_with(masters))
                && path.contains('/');
            if !(masters_only && dated) {
                files.push(new_file(path, file.contents()));
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn fresh(matches: &ArgMatches) -> Result<Vec<FileWrite>> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str).unwrap_or_default();
    let (code, zone) = (text("currency"), text("time-zone"));
    if !currency::is_code(code) {
        return Err(Error::usage(format!("\"{code}\" is not a currency code such as CNY")));
    }
    if zone.parse::<chrono_tz::Tz>().is_err() {
        return Err(Error::usage(format!("\"{zone}\" is not a time zone such as Asia/Shanghai")));
    }
    let mut config = serde_json::Map::new();
    config.insert("company".into(), serde_json::json!({"name": text("name"), "time_zone": zone}));
    config.insert("defaults".into(), serde_json::json!({"currency": code}));
    Ok(vec![new_file(layout::CONFIG, crate::store::toml::print(&config, Config::fields()))])
}

/// Writes made-up orders of the example's customers and products, and their payments.
fn generate(context: &Context, root: &Path, count: usize) -> Result<()> {
    let desk = Desk { root: root.to_owned(), ..context.desk_at(root)? };
    let book = desk.book()?;
    let (mut buyers, goods) = parts(&book);
    let text = |buyer: &Buyer| {
        let path = layout::path(Kind::Customer, &buyer.code)?;
        String::from_utf8(book.files.read(&path).ok()??).ok()
    };
    let (branches, customers): (Vec<_>, Vec<_>) = demo::branches(count, &buyers, text).unzip();
    buyers.extend(branches);
    let mut batch = Vec::with_capacity(BATCH);
    for (path, text) in customers.into_iter().chain(demo::files(count, &buyers, &goods)) {
        batch.push(new_file(path, text));
        if batch.len() == BATCH {
            atomic::publish_unsynced(root, &batch)?;
            batch.clear();
        }
    }
    atomic::publish_unsynced(root, &batch)?;
    // A cache written right behind the files it describes cannot trust their time stamps yet.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let period = Period::day(book.today);
    desk.book()?.ordered::<(), _>(period, crate::book::ordered::Counting::default(), |_, _| {});
    Ok(())
}

fn parts(book: &Book) -> (Vec<Buyer>, Vec<Good>) {
    let buyers = book.all::<Customer>().into_iter().filter_map(|customer| {
        let active = customer.rec.stage == Some(crate::record::common::Stage::Active);
        let home = customer.common.currency.is_none() && active;
        Some(Buyer {
            code: customer.id().to_owned(),
            staff: customer.common.staff.clone().filter(|_| home)?,
            district: customer.common.district.clone()?,
        })
    });
    let goods = book.all::<Product>().into_iter().filter_map(|product| {
        Some(Good {
            code: product.id().to_owned(),
            unit: product.rec.unit.clone()?,
            price: product.rec.list_price?.to_string(),
            tax_rate: product.rec.tax_rate?.to_string(),
        })
    });
    (buyers.collect(), goods.collect())
}
