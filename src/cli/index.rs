//! `copydesk index`: what a deduplication index holds.

use std::collections::{BTreeMap, HashSet};
use std::io::Write as _;
use std::path::PathBuf;

use super::extract::to_json;
use super::overrides::ConfigArgs;
use super::{CliError, say, unwritten};
use crate::index::IndexError;
use crate::index::disk::survey::{Survey, survey};
use crate::record::rfc3339;

/// Look into the deduplication index. Its files are only read, also while the service writes them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  copydesk index stats --config copydesk.toml")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Count claims, articles and bytes, and show the window.
    #[command(after_help = "Example:\n  copydesk index stats articles.index")]
    Stats(Folder),
    /// Read every file to its end and check it; exit code 1 where one is damaged or missing.
    #[command(after_help = "Example:\n  copydesk index verify articles.index")]
    Verify(Folder),
    /// Print every claim, one JSON object a line, in the order in which they came.
    #[command(after_help = "Example:\n  copydesk index export articles.index | jq -r .article")]
    Export(Folder),
}

#[derive(Debug, clap::Args)]
struct Folder {
    /// The index; without it dedup.index_dir. Of a run into files it is `NAME.index`, beside the output.
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

impl Folder {
    fn path(&self) -> Result<PathBuf, CliError> {
        let configured = || self.config.load().map(|config| config.dedup.index_dir);
        let folder = self.folder.clone().map_or_else(configured, Ok)?;
        if folder.is_dir() { Ok(folder) } else { Err(CliError::NoIndex(folder.display().to_string())) }
    }
}

pub(super) fn run(args: &Args) -> Result<(), CliError> {
    match &args.command {
        Command::Stats(folder) => stats(folder),
        Command::Verify(folder) => verify(folder),
        Command::Export(folder) => export(folder),
    }
}

fn stats(folder: &Folder) -> Result<(), CliError> {
    let (mut articles, mut sketches, mut watermark) = (HashSet::new(), 0_u64, None);
    let mut verdicts: BTreeMap<&str, u64> = BTreeMap::new();
    let found = survey(&folder.path()?, &mut |claim| {
        // Half of the id's digits tell articles apart in a quarter of the memory.
        articles.insert(claim.article.short());
        sketches += u64::from(claim.sketch.is_some());
        watermark = watermark.max(Some(claim.event_time_ms));
        *verdicts.entry(claim.verdict.label()).or_default() += 1;
        Ok(())
    })?;
    say(format_args!("changelog   {}", found.changelog))?;
    say(format_args!("claims      {}", found.files.iter().map(|file| file.claims).sum::<u64>()))?;
    for (verdict, count) in verdicts {
        say(format_args!("  {verdict:<10}{count}"))?;
    }
    say(format_args!("articles    {}", articles.len()))?;
    say(format_args!("sketches    {sketches}"))?;
    say(format_args!("bytes       {}", found.files.iter().map(|file| file.bytes).sum::<u64>()))?;
    if let Some(watermark) = watermark {
        say(format_args!("watermark   {}", rfc3339(watermark)))?;
    }
    for (partition, next) in &found.positions.0 {
        say(format_args!("applied     changelog partition {partition} up to {next}"))?;
    }
    each_file(&found)
}

fn verify(folder: &Folder) -> Result<(), CliError> {
    let path = folder.path()?;
    let found = survey(&path, &mut |_| Ok(()))?;
    each_file(&found)?;
    if found.missing.is_some() || found.files.iter().any(|file| file.damage.is_some()) {
        return Err(CliError::DamagedIndex(path.display().to_string()));
    }
    Ok(())
}

fn each_file(found: &Survey) -> Result<(), CliError> {
    if let Some(missing) = &found.missing {
        say(format_args!("{missing}"))?;
    }
    for file in &found.files {
        let days = file.days.map_or(String::new(), |(first, last)| format!(", {} to {}", first.label(), last.label()));
        let state = match (&file.damage, file.torn_bytes) {
            (Some(IndexError::Corrupt { at, .. }), _) => format!("damaged at byte {at}"),
            (Some(error), _) => error.to_string(),
            (None, 0) => "sound".to_owned(),
            (None, torn) => format!("sound, with a torn tail of {torn} bytes or a write under way"),
        };
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        say(format_args!("{name}  {} claims, {} bytes{days}: {state}", file.claims, file.bytes))?;
    }
    Ok(())
}

fn export(folder: &Folder) -> Result<(), CliError> {
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    let mut failed = None;
    let path = folder.path()?;
    let found = survey(&path, &mut |claim| {
        if failed.is_none() {
            failed = writeln!(output, "{}", to_json(claim)).err();
        }
        Ok(())
    })?;
    match failed {
        Some(error) => return Err(unwritten(error)),
        None => output.flush().map_err(unwritten)?,
    }
    let damaged = found.files.into_iter().find(|file| file.damage.is_some()).map(|file| file.path);
    let missing = found.missing.is_some().then(|| path.clone());
    match damaged.or(missing) {
        Some(path) => Err(CliError::DamagedIndex(path.display().to_string())),
        None => Ok(()),
    }
}
