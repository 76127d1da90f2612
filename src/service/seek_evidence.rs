//! Seeks evidence about the certificates of a verdict, for the next one: what they name is queued, and fetched
//! by somebody else (DESIGN.md §4).

use crate::pki::certificate::Certificate;
use crate::pki::path::ValidatedPath;
use crate::pki::revocation::distribution_point::DistributionPoint;
use crate::pki::revocation::distribution_point::crl_distribution_points;
use crate::pki::revocation::distribution_point::freshest_crl;
use crate::pki::revocation::location::Location;
use crate::service::app::App;
use crate::service::fetch_evidence::queue::Sighting;
use crate::store::error::StoreError;
use crate::validation::certificate::AnchoredPath;

/// The addresses of evidence about one certificate.
struct Addresses<'a> {
    certificate: &'a Certificate,
    issuer: &'a Certificate,
    crls: Vec<String>,
    ocsp: Vec<String>,
}

impl App {
    /// Notes where evidence about every certificate of these paths is published. Addresses that the CA's
    /// rules do not permit are passed over; nothing is fetched here.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub(in crate::service) async fn seek_evidence(
        &self,
        paths: &[AnchoredPath],
    ) -> Result<(), StoreError> {
        for AnchoredPath { ca, path } in paths {
            let addresses = addresses(path);
            let sightings: Vec<Sighting<'_>> =
                addresses.iter().flat_map(Addresses::sightings).collect();
            self.queue_first_sight(ca, &sightings).await?;
        }
        Ok(())
    }
}

impl Addresses<'_> {
    fn sightings(&self) -> impl Iterator<Item = Sighting<'_>> {
        let crls = self.crls.iter().map(|url| Sighting::Crl {
            url,
            issuer: Some(self.issuer),
        });
        let ocsp = self.ocsp.iter().map(|url| Sighting::Ocsp {
            url,
            certificate: self.certificate,
            issuer: self.issuer,
        });
        crls.chain(ocsp)
    }
}

/// What cannot be read names no address: whoever validates says so.
fn addresses(path: &ValidatedPath) -> Vec<Addresses<'_>> {
    let certificates = path.certificates().iter().enumerate();
    certificates
        .map(|(place, certificate)| {
            let complete = crl_distribution_points(certificate).unwrap_or_default();
            let delta = freshest_crl(certificate).unwrap_or_default();
            let points = complete.iter().chain(&delta);
            let responders = certificate.ocsp_uris();
            Addresses {
                certificate,
                issuer: path.issuer_of(place),
                crls: fetched(points.flat_map(DistributionPoint::locations)),
                ocsp: fetched(responders.iter().map(|uri| Location::of_uri(uri))),
            }
        })
        .collect()
}

fn fetched(locations: impl IntoIterator<Item = Location>) -> Vec<String> {
    let uris = locations.into_iter();
    uris.filter_map(|location| location.uri().map(str::to_owned))
        .collect()
}
