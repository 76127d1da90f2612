//! The `yinxin` binary.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;
use yinxin::cli;
use yinxin::cli::terminal::Terminal;
use yinxin::cli::terminal::is_interactive;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let mut terminal = Terminal {
        out: &mut out,
        err: &mut err,
        interactive: is_interactive(),
    };
    cli::run(std::env::args_os(), &mut terminal).into()
}
