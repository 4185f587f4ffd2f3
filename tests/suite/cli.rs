//! The command line as scripts call it: the real binary, beside a real server
//! and without one.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const JOURNAL: &str = "Дата;Время;ФИО пациента;Телефон;Врач;Услуга;Статус\n\
                       20.11.2026;9:30;Ким Вера;87012345678;Пак Анна Олеговна;Осмотр;пришел\n\
                       20.11.2026;10:30;Цой Олег;87012345679;Пак Анна Олеговна;Осмотр;пришел\n\
                       ;10:30;;87012345670;Пак;Осмотр;\n";

/// A data folder made by `tirkeu init`, and perhaps a server on it.
struct Machine {
    folder: tempfile::TempDir,
    server: Option<Child>,
}

struct Said {
    status: i32,
    /// What programs read: the only line of standard output.
    object: Value,
    people: String,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap(), server: None };
        let kit = machine.path("kit.txt");
        let made = machine.tirkeu(&["init", "--recovery-kit", &kit]);
        assert_eq!(made.status, 0, "{}", made.people);
        machine.write("journal.csv", JOURNAL.as_bytes());
        machine.write("tirkeu.toml", b"staff_listen = \"127.0.0.1:0\"\n");
        machine
    }

    /// With a server that is ready.
    fn serving() -> Self {
        let mut machine = Self::new();
        let mut server = machine.command(&["serve"]);
        let mut server = server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        assert!(ready.contains("staff_url"), "{ready}");
        machine.server = Some(server);
        machine
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tirkeu"));
        command.args(arguments).args(["--data-dir", &self.path("data"), "--json"]);
        command.args(["--config", &self.path("tirkeu.toml")]);
        command
    }

    fn tirkeu(&self, arguments: &[&str]) -> Said {
        Said::of(arguments, &self.command(arguments).output().unwrap())
    }

    /// Ends the server as systemd does.
    fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let ended = Command::new("kill").arg(server.id().to_string()).status().unwrap();
            assert!(ended.success());
            assert!(server.wait().unwrap().success());
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Said {
    /// # Panics
    /// When standard output is anything but one JSON object.
    fn of(arguments: &[&str], output: &Output) -> Self {
        let people = String::from_utf8_lossy(&output.stderr).into_owned();
        let out = String::from_utf8(output.stdout.clone()).unwrap();
        let object: Value = serde_json::from_str(&out)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {out:.400?}\n{people}"));
        assert!(object.is_object(), "{arguments:?}: {out}");
        Self { status: output.status.code().unwrap_or(-1), object, people }
    }
}

/// Every command beside a running server: its arguments, its exit status, and
/// what its object holds, by JSON pointer. `@` stands for the machine's folder.
const BESIDE_A_SERVER: &[(&str, i32, &str, &str)] = &[
    ("import --journal @/journal.csv --dry-run", 0, "/counts/taken", "2"),
    ("import --journal @/journal.csv", 0, "/added", "2"),
    ("import --journal @/journal.csv", 0, "/added", "0"),
    ("import --journal @/none.csv", 1, "/error/code", "\"unreadable\""),
    ("import --journal @/tirkeu.toml --prices @/kit.pdf", 1, "/error/code", "\"unreadable\""),
    ("import", 1, "/error/code", "\"nothing_to_import\""),
    ("import --journal", 2, "/error/code", "\"usage\""),
    ("staff add aigul --role reception", 0, "/login", "\"aigul\""),
    ("staff add aigul --role reception", 1, "/error/code", "\"login_taken\""),
    ("staff add Айгуль --role reception", 1, "/error/code", "\"bad_login\""),
    ("staff add bota --role dentist", 2, "/error/code", "\"usage\""),
    ("staff reset aigul", 0, "/login", "\"aigul\""),
    ("staff reset nobody", 1, "/error/code", "\"no_such_person\""),
    ("staff list", 0, "/staff/0/login", "\"aigul\""),
    ("backup now --to @/to", 0, "/rows", ""),
    ("backup now --to /proc/nowhere", 1, "/error/code", "\"folder\""),
    ("backup list", 0, "/runs/1/failure", "null"),
    ("backup verify @/none", 3, "/state", "\"missing\""),
    ("backup verify @/none --identity @/kit.txt", 1, "/state", "\"refused\""),
    ("backup verify @/none --identity @/none", 1, "/error/code", "\"unreadable\""),
    ("backup verify @/none --identity @/journal.csv", 2, "/error/code", "\"bad_key\""),
    ("audit verify", 0, "/state", "\"whole\""),
    ("consent verify @/none", 4, "/error/code", "\"unreadable\""),
    ("consent verify @/journal.csv", 4, "/valid", "false"),
    ("doctor", 0, "/well", "true"),
    ("restore @/none --identity @/kit.txt", 5, "/state", "\"refused\""),
    ("serve", 3, "/error/code", "\"in_use\""),
    ("demo", 1, "/error/code", "\"exists\""),
    ("init", 1, "/error/code", "\"exists\""),
    ("init --if-absent", 0, "/made", "false"),
    ("nonsense", 2, "/error/code", "\"usage\""),
];

#[test]
fn every_command_beside_a_running_server_tells_programs_one_object_and_its_status() {
    let mut machine = Machine::serving();
    let folder = machine.folder.path().display().to_string();
    for (line, status, pointer, expected) in BESIDE_A_SERVER {
        let line = line.replace('@', &folder);
        let arguments: Vec<&str> = line.split(' ').collect();
        let said = machine.tirkeu(&arguments);
        assert_eq!(said.status, *status, "{line}: {}\n{}", said.object, said.people);
        let found = said.object.pointer(pointer).map(Value::to_string);
        let fits = found.as_deref() == Some(*expected) || (expected.is_empty() && found.is_some());
        assert!(fits, "{line}: {pointer}: {}\n{}", said.object, said.people);
        let message = said.object.pointer("/error/message").and_then(Value::as_str);
        assert!(message.is_none_or(|it| !it.is_empty()), "{line}: {}", said.object);
    }
    machine.stop();
    let ledger = machine.tirkeu(&["audit", "verify"]);
    assert_eq!((ledger.status, &ledger.object["state"]), (0, &"whole".into()));
}

#[test]
fn commands_without_a_clinic_or_with_broken_settings_say_so_to_programs() {
    let machine = Machine { folder: tempfile::tempdir().unwrap(), server: None };
    for line in ["staff list", "backup list", "audit verify", "serve"] {
        let said = machine.tirkeu(&line.split(' ').collect::<Vec<_>>());
        let code = said.object["error"]["code"].as_str().unwrap().to_owned();
        assert!(
            said.status != 0 && ["absent", "unreadable"].contains(&code.as_str()),
            "{line}: {code}"
        );
    }
    let doctor = machine.tirkeu(&["doctor"]);
    assert_eq!((doctor.status, &doctor.object["well"]), (1, &false.into()));
    machine.write("tirkeu.toml", b"staf_listen = 1\n");
    let said = machine.tirkeu(&["staff", "list"]);
    assert_eq!((said.status, said.object["error"]["code"].as_str()), (1, Some("settings")));
}

#[test]
fn the_same_orders_give_the_same_answers_without_a_server() {
    let machine = Machine::new();
    let journal = machine.path("journal.csv");
    let dry = machine.tirkeu(&["import", "--journal", &journal, "--dry-run"]);
    let taken = machine.tirkeu(&["import", "--journal", &journal]);
    assert_eq!((dry.status, taken.status, &taken.object["complete"]), (0, 0, &true.into()));
    assert_eq!(dry.object["counts"], taken.object["counts"]);
    let added = machine.tirkeu(&["staff", "add", "aigul", "--role", "reception"]);
    assert_eq!(added.object["password"].as_str().map(str::is_empty), Some(false));
    assert_eq!(machine.tirkeu(&["staff", "add", "aigul", "--role", "owner"]).status, 1);

    let files = || {
        let files = crate::support::files_below(machine.folder.path()).into_iter();
        files.map(|file| (std::fs::read(&file).unwrap(), file)).collect::<BTreeSet<_>>()
    };
    let before = files();
    assert_eq!(machine.tirkeu(&["audit", "verify"]).status, 0);
    assert!(before == files(), "who looks at evidence changes nothing");
    let keys = machine.tirkeu(&["audit", "keys"]);
    assert!(keys.object["pem"][0].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY"));
}

/// The bytes are sent: the server runs as another account and may not be able
/// to open what the operator can.
#[test]
fn a_server_that_cannot_open_the_operators_file_imports_it_all_the_same() {
    let machine = Machine::serving();
    let pipe = machine.path("pipe.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut import = machine.command(&["import", "--journal", &pipe]);
    let import = import.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Whoever opens a pipe for writing waits for its one reader.
    std::fs::OpenOptions::new()
        .write(true)
        .open(&pipe)
        .unwrap()
        .write_all(JOURNAL.as_bytes())
        .unwrap();

    let said = Said::of(&["import"], &import.wait_with_output().unwrap());
    assert_eq!((said.status, said.object["added"].as_u64()), (0, Some(2)), "{}", said.people);
}

#[test]
fn an_interrupt_stops_an_import_between_rows_and_the_same_command_takes_the_rest() {
    let machine = Machine::serving();
    let rows = 4000;
    let long: String = std::iter::once("Дата;Время;ФИО пациента;Телефон;Врач\n".to_owned())
        .chain(
            (0..rows).map(|n| format!("20.11.2026;9:30;{} Вера;8701{n:07};Пак Анна\n", surname(n))),
        )
        .collect();
    let long = machine.write("long.csv", long.as_bytes()).display().to_string();
    let mut import = machine.command(&["import", "--journal", &long]);
    let mut import = import.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut people = BufReader::new(import.stderr.take().unwrap());
    let mut first = String::new();
    people.read_line(&mut first).unwrap();
    assert!(first.contains("rows"), "{first}");
    let id = import.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());

    let said = Said::of(&["import"], &import.wait_with_output().unwrap());
    people.read_to_string(&mut first).unwrap();
    assert_eq!((said.status, &said.object["complete"]), (130, &false.into()), "{first}");
    let taken = said.object["added"].as_u64().unwrap();
    assert!(0 < taken && taken < rows, "{taken}");
    let rest = machine.tirkeu(&["import", "--journal", &long]);
    assert_eq!((rest.status, &rest.object["complete"]), (0, &true.into()), "{}", rest.people);
    assert_eq!(rest.object["added"].as_u64().unwrap(), rows - taken);
}

#[test]
fn the_ledger_names_the_account_that_typed() {
    let mut machine = Machine::serving();
    machine.tirkeu(&["staff", "add", "aigul", "--role", "reception"]);
    let made = machine.tirkeu(&["backup", "now", "--to", &machine.path("to")]);
    machine.stop();
    let archive = made.object["path"].as_str().unwrap();
    let script =
        format!("age -d -i kit.txt '{archive}' > b.zip && unzip -q b.zip db/clinic.sqlite");
    let mut open = Command::new("sh");
    let output = open.args(["-euc", &script]).current_dir(machine.folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let query = "select body ->> '$.actor' || ' ' || (body ->> '$.dev') from audit_event
                 where body ->> '$.act' = 'staff.added' order by seq desc limit 1";
    let database = machine.folder.path().join("db/clinic.sqlite");
    let found = Command::new("sqlite3").arg(&database).arg(query).output().unwrap();
    let own = account();
    assert_eq!(String::from_utf8(found.stdout).unwrap().trim(), format!("console {own}"));
}

/// A surname of its own for each number.
fn surname(number: u64) -> String {
    let letter = |digit: char| char::from_u32('а' as u32 + u32::from(digit) - u32::from('0'));
    format!("Ким{}", number.to_string().chars().filter_map(letter).collect::<String>())
}

/// `name (uid number)` of whoever runs the suite.
fn account() -> String {
    let ask = |option: &str| {
        let said = Command::new("id").arg(option).output().unwrap().stdout;
        String::from_utf8(said).unwrap().trim().to_owned()
    };
    format!("{} (uid {})", ask("-un"), ask("-u"))
}

#[test]
fn nobody_else_can_knock_at_the_socket() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::serving();
    let data = machine.path("data");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(Path::new(&data)), 0o700);
    assert_eq!(mode(&Path::new(&data).join("admin.sock")), 0o600);
}

/// The bytes a server has read from files when its first page is answered: a
/// start that walks what the clinic has gathered would show, on any machine.
#[test]
fn a_start_reads_no_more_when_the_ledger_is_a_hundred_times_longer() {
    let machine = Machine::new();
    let read_at_start = || {
        let mut command = machine.command(&["serve"]);
        let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let io = std::fs::read_to_string(format!("/proc/{}/io", server.id())).unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
        let bytes = io.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap();
        bytes.parse::<u64>().unwrap()
    };
    let journal = machine.path("journal.csv");
    machine.tirkeu(&["import", "--journal", &journal]);
    let small = read_at_start();
    let rows: String = std::iter::once("Дата;Время;ФИО пациента;Телефон;Врач\n".to_owned())
        .chain(
            (0..3000).map(|n| format!("20.11.2026;9:30;{} Вера;8701{n:07};Пак Анна\n", surname(n))),
        )
        .collect();
    let long = machine.write("long.csv", rows.as_bytes()).display().to_string();
    let taken = machine.tirkeu(&["import", "--journal", &long]);
    assert_eq!(taken.object["added"], 3000, "{}", taken.people);
    let database = std::fs::metadata(Path::new(&machine.path("data")).join("db/clinic.db"));
    let large = read_at_start();

    let grown = large.saturating_sub(small);
    let size = database.unwrap().len();
    assert!(size > 4 << 20, "{size} bytes: too small to see a walk");
    assert!(grown < 600 << 10, "{grown} bytes more, of a database of {size}");
}
