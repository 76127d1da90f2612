//! The demonstration's CAs beside the city's: three with different permitted usages, and one that no
//! trust store knows.

use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::found::Holder;
use crate::cli::found::Mark;
use crate::cli::found::NewCa;
use crate::cli::found::NewTrustStore;
use crate::cli::found::NewUsage;
use crate::cli::found::Revocation;
use crate::clock::Timestamp;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::random::Random;
use crate::identifier::uscc::Uscc;
use crate::pki::certificate::Certificate;
use crate::pki::issue::profile::EndEntityUsage;
use crate::pki::oid::Oid;
use crate::registry::department::DepartmentId;
use crate::registry::issuer::IssuerEntry;
use crate::registry::issuer::IssuerIdentity;
use crate::secret::Secret;
use crate::service::app::App;
use crate::service::app::CertifiedKey;
use crate::store::folder::DataFolder;
use crate::validation::trust_store::CaId;

/// 甲: registrations, taxes, and credentials of a neighbouring city.
pub(super) const JIA: &str = "demo-jia";
/// 乙: registrations, banking and seals.
pub(super) const YI: &str = "demo-yi";
/// 丙: taxes, banking and timestamps.
pub(super) const BING: &str = "demo-bing";

/// The neighbouring city's sample USCC; its companies are registered in 441300.
const NEIGHBOUR_USCC: &str = "11441300YX0000016";
/// Who the neighbouring city says it is.
pub(super) const NEIGHBOUR_ISS: &str = "https://neighbour.example";
/// A sample company that signs.
pub(super) const COMPANY_USCC: &str = "91441900YX0099992";
/// Its name.
pub(super) const COMPANY_NAME: &str = "示例企业";

/// A demonstration CA's row.
struct DemoCa {
    id: &'static str,
    name: &'static str,
    name_zh: &'static str,
    usages: &'static [NewUsage],
}

/// Certificate policies of the demonstration, under an arc of 2.25 drawn at random (ITU-T X.667 §6).
const REGISTRATION: NewUsage = NewUsage {
    id: "registration",
    marked_by: Mark::Policy("2.25.1706914339.1"),
};
const TAX: NewUsage = NewUsage {
    id: "tax",
    marked_by: Mark::Policy("2.25.1706914339.2"),
};
const BANKING: NewUsage = NewUsage {
    id: "banking",
    marked_by: Mark::Policy("2.25.1706914339.3"),
};
const SEAL: NewUsage = NewUsage {
    id: "seal",
    marked_by: Mark::Policy("2.25.1706914339.4"),
};
const TIMESTAMP: NewUsage = NewUsage {
    id: "timestamp",
    marked_by: Mark::Policy("2.25.1706914339.5"),
};

const CAS: [DemoCa; 3] = [
    DemoCa {
        id: JIA,
        name: "Demo CA Jia",
        name_zh: "示例认证机构甲",
        usages: &[NewUsage::CREDENTIAL_ISSUING, REGISTRATION, TAX],
    },
    DemoCa {
        id: YI,
        name: "Demo CA Yi",
        name_zh: "示例认证机构乙",
        usages: &[BANKING, REGISTRATION, SEAL],
    },
    DemoCa {
        id: BING,
        name: "Demo CA Bing",
        name_zh: "示例认证机构丙",
        usages: &[BANKING, TAX, TIMESTAMP],
    },
];

/// The CAs, alive only while the demonstration is being made: their keys are not kept.
pub(super) struct DemoCas {
    jia: NewCa,
    yi: NewCa,
    bing: NewCa,
    unknown: NewCa,
    neighbour: CertifiedKey,
}

impl DemoCas {
    /// Makes the CAs and the neighbouring city's issuer certificate.
    pub(super) fn create(since: Timestamp, random: &dyn Random) -> Result<Self, CliError> {
        let make = |name: &str| NewCa::create(name, name, since, random).map(|(ca, _)| ca);
        let [jia, yi, bing] = &CAS;
        let jia = make(jia.name)?;
        let neighbour = issuer(
            &jia,
            ("邻市（示例）", "Neighbour City credential"),
            NEIGHBOUR_USCC,
            random,
        )?;
        Ok(Self {
            jia,
            yi: make(yi.name)?,
            bing: make(bing.name)?,
            unknown: make("Unknown CA")?,
            neighbour,
        })
    }

    /// Writes the three trust stores.
    pub(super) fn write(&self, folder: &DataFolder) -> Result<(), CliError> {
        for (ca, made) in CAS.iter().zip([&self.jia, &self.yi, &self.bing]) {
            let store = NewTrustStore {
                id: ca.id,
                name: ca.name,
                name_zh: ca.name_zh,
                operator: ca.name,
                demo: true,
                usages: ca.usages,
                revocation: Revocation::NotChecked(
                    "演示机构不发布吊销列表 a demonstration CA publishes no lists",
                ),
            };
            store.write(folder, made.ca.certificate())?;
        }
        Ok(())
    }

    /// The neighbouring city in the issuer register, by CA and USCC.
    pub(super) fn neighbour_entry(
        &self,
        app: &App,
        since: Timestamp,
    ) -> Result<IssuerEntry, CliError> {
        let kind = app.kinds().by_id("business-registration");
        let kind =
            kind.ok_or_else(|| CliError::new(Exit::Internal, "no type `business-registration`"))?;
        Ok(IssuerEntry {
            id: "neighbour".to_owned(),
            department: DepartmentId::MARKET_REGULATION,
            identity: IssuerIdentity::CaAndSubject {
                ca: CaId::parse(JIA).or_exit(Exit::Internal)?,
                uscc: Uscc::with_check(NEIGHBOUR_USCC).or_exit(Exit::Internal)?,
            },
            iss: Some(NEIGHBOUR_ISS.to_owned()),
            vct: kind.vct.clone(),
            regions: vec!["441300".to_owned()],
            valid_from: since,
            valid_until: None,
        })
    }

    /// The neighbouring city's issuer.
    pub(super) const fn neighbour(&self) -> &CertifiedKey {
        &self.neighbour
    }

    /// Who signs the neighbouring city's status list.
    pub(super) fn neighbour_status_signer(
        &self,
        random: &dyn Random,
    ) -> Result<CertifiedKey, CliError> {
        let uscc = Uscc::with_check(NEIGHBOUR_USCC).or_exit(Exit::Internal)?;
        let usage = EndEntityUsage::Purpose(KeyPurpose::StatusList);
        let holder = Holder {
            organisation: "邻市（示例）",
            name: "Neighbour City status-list",
            uscc: &uscc,
            policies: &[],
        };
        let (key, _, certificate) =
            self.jia
                .issue(KeyPurpose::StatusList, &holder, &usage, random)?;
        Ok(CertifiedKey {
            key,
            certificates: vec![certificate],
        })
    }

    /// An issuer certified by a CA that no trust store knows.
    pub(super) fn unknown_issuer(&self, random: &dyn Random) -> Result<CertifiedKey, CliError> {
        issuer(
            &self.unknown,
            ("无名（示例）", "Nobody credential"),
            NEIGHBOUR_USCC,
            random,
        )
    }

    /// The signing keys and certificates of a sample company, one of each CA.
    pub(super) fn company_keys(&self, random: &dyn Random) -> Result<Vec<CompanyKey>, CliError> {
        let uscc = Uscc::with_check(COMPANY_USCC).or_exit(Exit::Internal)?;
        CAS.iter()
            .zip([&self.jia, &self.yi, &self.bing])
            .map(|(ca, made)| {
                let usage = EndEntityUsage::Signer(Vec::new());
                let policies = policies(ca.usages)?;
                let holder = Holder {
                    organisation: COMPANY_NAME,
                    name: "Sample company",
                    uscc: &uscc,
                    policies: &policies,
                };
                let (_, pkcs8, certificate) =
                    made.issue(KeyPurpose::Credential, &holder, &usage, random)?;
                Ok(CompanyKey {
                    ca: ca.id,
                    pkcs8,
                    certificate,
                })
            })
            .collect()
    }
}

/// What a sample company signs with.
pub(super) struct CompanyKey {
    /// Whose certificate it is.
    pub(super) ca: &'static str,
    pub(super) pkcs8: Secret<Vec<u8>>,
    pub(super) certificate: Certificate,
}

/// The policies that mark a CA's usages.
fn policies(usages: &[NewUsage]) -> Result<Vec<Oid>, CliError> {
    usages
        .iter()
        .filter_map(|usage| match usage.marked_by {
            Mark::Policy(oid) => Some(Oid::parse(oid).or_exit(Exit::Internal)),
            Mark::Purpose(_) => None,
        })
        .collect()
}

/// A credential issuer below `ca`.
pub(super) fn issuer(
    ca: &NewCa,
    (organisation, name): (&str, &str),
    uscc: &str,
    random: &dyn Random,
) -> Result<CertifiedKey, CliError> {
    let uscc = Uscc::with_check(uscc).or_exit(Exit::Internal)?;
    let usage = EndEntityUsage::Purpose(KeyPurpose::Credential);
    let holder = Holder {
        organisation,
        name,
        uscc: &uscc,
        policies: &[],
    };
    let (key, _, certificate) = ca.issue(KeyPurpose::Credential, &holder, &usage, random)?;
    Ok(CertifiedKey {
        key,
        certificates: vec![certificate],
    })
}
