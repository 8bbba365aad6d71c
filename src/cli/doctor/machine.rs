//! The machine under the shop: its clock, its disks, its backups.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

use super::Finding;
use crate::{
    config::{Config, MailTransport, MediaPlace},
    infra::{database, jobs},
};

// What installed machines write about their backups; elsewhere there is no such folder.
const BACKUP_NOTES: &str = "/var/lib/ecommerce";
const LEAST_FREE_MB: u64 = 500;
const LEAST_FREE_PERCENT: u64 = 5;

/// Whether this machine and the database's agree on the time.
pub async fn clock(pool: &PgPool) -> Finding {
    let asked = OffsetDateTime::now_utc();
    let theirs = match database::clock(pool).await {
        Ok(theirs) => theirs,
        Err(error) => return Finding::bad(error, "can the role connect and read?"),
    };
    // The answer took a moment, of which nobody knows which part was the way.
    let (early, late) = (asked - theirs, theirs - OffsetDateTime::now_utc());
    let off = early.max(late).max(Duration::ZERO);
    if off > Duration::seconds(2) {
        let problem = format!("this machine's and PostgreSQL's differ by {} s", off.whole_seconds());
        return Finding::bad(problem, "set both by NTP (timedatectl set-ntp true): sessions and links end by them");
    }
    let (hour, minute, second) = asked.time().as_hms();
    Finding::good(format!("{hour:02}:{minute:02}:{second:02} UTC, and PostgreSQL's agrees"))
}

/// Room where the shop writes; each disk once.
pub fn disks(config: &Config) -> Vec<Finding> {
    let mut places: Vec<PathBuf> = config.paths.log_dir.iter().cloned().collect();
    if let MediaPlace::Folder(dir) = &config.media {
        places.push(dir.clone());
    }
    if let MailTransport::Folder(dir) = &config.mail.transport {
        places.push(dir.clone());
    }
    // PostgreSQL's and the backups', where they are on this machine.
    places.extend(["/var/lib/postgresql", "/var/backups"].map(PathBuf::from));
    let mut seen = Vec::new();
    let stats = places.iter().filter_map(|place| Some((place, rustix::fs::statvfs(place).ok()?)));
    let fresh = stats.filter(|(_, stat)| {
        let is_new = !seen.contains(&stat.f_fsid);
        seen.push(stat.f_fsid);
        is_new
    });
    fresh.map(|(place, stat)| room(place, stat.f_bavail * stat.f_frsize, stat.f_blocks * stat.f_frsize)).collect()
}

fn room(place: &Path, free: u64, size: u64) -> Finding {
    let megabytes = free / 1_048_576;
    let percent = (free * 100).checked_div(size).unwrap_or(100);
    let text = format!("{megabytes} MB ({percent} %) free at {}", place.display());
    if megabytes < LEAST_FREE_MB || percent < LEAST_FREE_PERCENT {
        return Finding::bad(text, "make room: a full disk stops the database first (old backups, logs, releases?)");
    }
    Finding::good(text)
}

/// Whether jobs are run, and whether some were given up.
pub async fn jobs(pool: &PgPool) -> Finding {
    match jobs::health(pool).await {
        Ok(health) if health.late > 0 => Finding::bad(
            format!("{} wait(s) for more than five minutes", health.late),
            "is the worker running? systemctl status ecommerce-worker",
        ),
        Ok(health) if health.given_up > 0 => Finding::bad(
            format!(
                "{} was or were given up; the last said: {}",
                health.given_up,
                health.last_error.as_deref().unwrap_or("nothing")
            ),
            "look at the worker's log; what is mended can be run again with graphile_worker.reschedule_jobs",
        ),
        Ok(health) => Finding::good(format!("{} wait(s), none for long; none was given up", health.waiting)),
        Err(error) => Finding::bad(error, "run `ecommerce migrate` first"),
    }
}

/// When the last backup was made and the last restore drill held; `None` on a machine that has no place for such notes.
pub fn backups(config: &Config, now: OffsetDateTime) -> Option<Vec<Finding>> {
    let dir = Path::new(BACKUP_NOTES);
    if !dir.join("backup").exists() && !config.is_production() {
        return None;
    }
    dir.is_dir().then(|| {
        let backup = note(&dir.join("backup"), "backup", now, Duration::hours(30));
        let drill_note = dir.join("backup-drill");
        let drill = drill_note.exists().then(|| note(&drill_note, "restore drill", now, Duration::days(40)));
        [Some(backup), drill].into_iter().flatten().collect()
    })
}

// A line such as "1795312345 ok".
fn note(file: &Path, what: &str, now: OffsetDateTime, limit: Duration) -> Finding {
    const ADVICE: &str = "journalctl -u ecommerce-backup -u ecommerce-restore-drill says why; RUNBOOK.md has the rest";
    let text = fs::read_to_string(file).unwrap_or_default();
    let Some((seconds, outcome)) = text.trim().split_once(' ') else {
        return Finding::bad(
            format!("no {what} was ever made"),
            "sudo /opt/ecommerce/current/deployment/backup.sh setup",
        );
    };
    let made = seconds.parse().ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let age = made.map_or(Duration::MAX, |made| now - made);
    match outcome {
        "ok" if age <= limit => Finding::good(format!("the last {what} went well, {} h ago", age.whole_hours())),
        "ok" => Finding::bad(format!("the last {what} is {} days old", age.whole_days()), ADVICE),
        _ => Finding::bad(format!("the last {what} failed"), ADVICE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_told_in_megabytes_and_in_percent() {
        let mb = 1_048_576;
        assert!(matches!(room(Path::new("/"), 600 * mb, 10_000 * mb), Finding::Good(_)));
        assert!(matches!(room(Path::new("/"), 499 * mb, 1000 * mb), Finding::Bad { .. }));
        assert!(matches!(room(Path::new("/"), 600 * mb, 100_000 * mb), Finding::Bad { .. }));
    }

    #[test]
    fn a_backup_that_failed_is_old_or_never_was_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (file, now) = (folder.path().join("backup"), OffsetDateTime::UNIX_EPOCH + Duration::days(20_000));
        let look = |text: &str| {
            fs::write(&file, text).unwrap();
            matches!(note(&file, "backup", now, Duration::hours(30)), Finding::Good(_))
        };
        let ago = |hours: i64| (now - Duration::hours(hours)).unix_timestamp();
        assert!(look(&format!("{} ok\n", ago(29))));
        assert!(!look(&format!("{} ok\n", ago(31))));
        assert!(!look(&format!("{} failed\n", ago(1))));
        assert!(!look("nonsense ok") && !look(""));
    }
}
