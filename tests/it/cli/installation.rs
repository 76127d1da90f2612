//! A data folder as an operator makes it: `init`, callers with their keys, companies.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use tempfile::TempDir;
use yinxin::cli::sample::companies::sample_companies;
use yinxin::identifier::uscc::Uscc;
use yinxin::store::Store;
use yinxin::store::pool::Missing;
use yinxin::store::pool::StoreConfig;

use crate::cli::binary::Served;
use crate::cli::binary::yinxin;
use crate::cli::files::Files;
use crate::cli::files::cheapen_keys;

/// The city's own code; its organisation code was never allotted.
const CITY_USCC: &str = "11441900YX0000008B";

/// Under which its addresses stand; tests reach it elsewhere.
pub(super) const PUBLIC_URL: &str = "http://127.0.0.1:8440";

/// How many companies it has.
const COMPANIES: usize = 40;

/// The data folder and the keys of its callers.
struct Made {
    files: Files,
    market: String,
    tax: String,
    bank: String,
}

static MADE: LazyLock<Made> = LazyLock::new(make);

/// A data folder of a test's own.
pub(super) struct Installation {
    folder: TempDir,
    /// The key of the department that issues business registrations.
    pub(super) market: &'static str,
    /// The key of the state tax bureau.
    pub(super) tax: &'static str,
    /// The key of a bank that recognises the city's CA.
    pub(super) bank: &'static str,
}

impl Installation {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        MADE.files.write(&folder.path().join("data"));
        Self {
            folder,
            market: &MADE.market,
            tax: &MADE.tax,
            bank: &MADE.bank,
        }
    }

    /// A path inside the data folder, as an argument.
    pub(super) fn data(&self, name: &str) -> String {
        self.beside(&format!("data/{name}"))
    }

    /// A path beside the data folder, as an argument.
    pub(super) fn beside(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    pub(super) fn config(&self) -> String {
        self.data("yinxin.toml")
    }

    /// Starts `serve`.
    pub(super) fn serve(&self) -> Served {
        Served::start(["serve", "--config", &self.config()])
    }

    /// The code of its company of that number.
    pub(super) fn company(&self, number: usize) -> Uscc {
        sample_companies().unwrap()[number].company.uscc.clone()
    }

    /// Its database, to be looked at while nobody serves it.
    pub(super) async fn store(&self) -> Store {
        let config = StoreConfig::from_file(Path::new(&self.data("yinxin.db")), Missing::Refuse);
        Store::open(&config.unwrap()).await.unwrap()
    }
}

/// The first companies of the demonstration, as an import takes them.
pub(super) fn ndjson(count: usize) -> String {
    let mut text = String::new();
    for record in sample_companies().unwrap().iter().take(count) {
        text.push_str(&serde_json::to_string(record).unwrap());
        text.push('\n');
    }
    text
}

fn make() -> Made {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let path = |name: &str| data.join(name).to_str().unwrap().to_owned();
    yinxin([
        "init",
        "--data",
        data.to_str().unwrap(),
        "--city",
        "Example City",
        "--city-zh",
        "示例市",
        "--issuer-uscc",
        CITY_USCC,
        "--public-url",
        PUBLIC_URL,
        "--listen",
        "127.0.0.1:0",
    ])
    .ok();
    cheapen_keys(&data);
    let config = path("yinxin.toml");
    let add = |id: &str, kind: &[&str]| {
        let names = ["--name", "Example", "--name-zh", "示例", "--kind"];
        let recognise = ["--recognise", "city:credential-issuing"];
        let arguments = ["caller", "add", id, "--config", &config];
        let arguments = arguments.iter().chain(&names).chain(kind).chain(&recognise);
        yinxin(arguments).ok().trim().to_owned()
    };
    let department = |id: &str| add(id, &["department", "--department", id]);
    let (market, tax) = (department("market-regulation"), department("state-tax"));
    let bank = add("bank-one", &["bank"]);
    let companies = folder.path().join("companies.ndjson");
    fs::write(&companies, ndjson(COMPANIES)).unwrap();
    let import = ["company", "import", companies.to_str().unwrap()];
    let acting = ["--as", "market-regulation", "--config", &config];
    yinxin(import.iter().chain(&acting)).ok();
    Made {
        files: Files::of(&data),
        market,
        tax,
        bank,
    }
}
