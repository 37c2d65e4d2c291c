//! The project's chores, as `cargo xtask COMMAND`.
//!
//! Each command is a module; what they share lies in [`workspace`] (where things are), [`shell`] (running
//! programs), [`system`] (packages of the operating system) and [`window`] (Node and the window's build).

mod bench;
mod bundle;
mod e2e;
mod fuzz;
mod icons;
mod notices;
mod run;
mod shell;
mod stages;
mod system;
mod torture;
mod window;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask run [-- ARGUMENTS]      install what is missing, build, and open Whinchat
cargo xtask test [STAGE…] [--keep-going]
                                    every check, or only the stages named
cargo xtask e2e [NAME…]             the tests in the real window, or those in files of such a name
cargo xtask bundle                  build the .deb and the .rpm
cargo xtask bench [NAME…]           speed and memory, as ratios
cargo xtask fuzz [TARGET…] [--seconds 60]
                                    arbitrary bytes at adapters, transcripts and compression
cargo xtask conformance             all cases of the Autobahn suite, those with compression too
cargo xtask screenshots             take the pictures of every state, refresh the README's
cargo xtask torture kill [--rounds N] [--seed S]
                                    kill the engine at random while messages flow, and look what is left
cargo xtask torture faults [--schedules N] [--seed S]
                                    break its lines, servers, names, disk and clock by seeded schedules
cargo xtask icons                   render icons/*.svg into every size
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let result = match command.as_str() {
        "run" => run::run(&rest),
        "test" => stages::run(&rest),
        "e2e" => e2e::run(&rest),
        "bundle" => bundle::make().map(|packages| packages.print()),
        "bench" => bench::run(&rest),
        "screenshots" => e2e::screenshots(),
        "conformance" => stages::conformance(),
        "torture" => torture::run(&rest),
        "fuzz" => fuzz::run(&rest),
        "icons" => icons::render(),
        "" | "help" | "--help" | "-h" => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("There is no command {command:?}.\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
