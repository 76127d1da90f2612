//! `etsiU` (ETSI TS 119 182-1 §5.3.1): what was added to a signature after it was made, nobody having signed it.

use serde_json::Map;
use serde_json::Value;

use crate::encoding::base64;
use crate::encoding::base64url;
use crate::encoding::json;
use crate::encoding::json::JsonLimits;
use crate::pki::certificate::Certificate;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::ocsp::OcspResponse;
use crate::signature::facts::Fault;

/// Components that are read of one signature.
const MAX_COMPONENTS: usize = 256;
/// Certificates that are read of one signature.
const MAX_CERTIFICATES: usize = 256;
/// CRLs and OCSP responses that are read of one signature.
const MAX_EVIDENCE: usize = 256;
/// A certificate, a CRL or a timestamp token; CRLs of large CAs have some megabytes.
pub(super) const MAX_VALUE_BYTES: usize = 32 * 1024 * 1024;
/// One component: few values, some of them long.
const COMPONENT_LIMITS: JsonLimits = JsonLimits {
    max_depth: 16,
    max_bytes: MAX_VALUE_BYTES,
    max_values: 4096,
};

/// The components in their order.
#[derive(Debug, Default)]
pub(super) struct EtsiU {
    components: Vec<Component>,
}

/// One component.
#[derive(Debug)]
pub(super) struct Component {
    pub(super) name: String,
    pub(super) value: Value,
    /// The element of the array where it is base64url of the component; none where it stands in the clear.
    pub(super) encoded: Option<String>,
}

/// Certificates and evidence among the components.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) certificates: Vec<Certificate>,
    pub(super) crls: Vec<Crl>,
    pub(super) responses: Vec<OcspResponse>,
}

impl EtsiU {
    /// Reads the components. One that cannot be read is left out and told: nobody signed it.
    pub(super) fn read(unprotected: &Map<String, Value>, faults: &mut Vec<Fault>) -> Self {
        let mut read = Self::default();
        let elements = match unprotected.get("etsiU") {
            None => return read,
            Some(Value::Array(elements)) if !elements.is_empty() => elements,
            Some(_) => {
                faults.push(Fault::irregular("etsiU", "is not a non-empty array"));
                return read;
            }
        };
        if elements.len() > MAX_COMPONENTS {
            let detail = format!("has more than {MAX_COMPONENTS} components: the rest is not read");
            faults.push(Fault::irregular("etsiU", detail));
        }
        for (position, element) in (1_usize..).zip(elements.iter().take(MAX_COMPONENTS)) {
            match Component::read(element) {
                Some(component) => read.components.push(component),
                None => {
                    let detail = format!("component {position} cannot be read");
                    faults.push(Fault::irregular("etsiU", detail));
                }
            }
        }
        // ETSI TS 119 182-1 §5.3.1: all in the clear or none.
        let encoded = read.components.iter().filter(|one| one.encoded.is_some());
        let encoded = encoded.count();
        if encoded != 0 && encoded != read.components.len() {
            let detail = "has components in the clear and others that are encoded";
            faults.push(Fault::irregular("etsiU", detail));
        }
        read
    }

    pub(super) fn components(&self) -> &[Component] {
        &self.components
    }

    /// Whether there is a component by one of these names.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        let mut components = self.components.iter();
        components.any(|component| names.contains(&component.name.as_str()))
    }

    /// Certificates and evidence, of the signature and of its timestamps alike.
    pub(super) fn values(&self, faults: &mut Vec<Fault>) -> Values {
        let mut values = Values::default();
        for component in &self.components {
            let value = &component.value;
            match component.name.as_str() {
                "xVals" | "axVals" => values.take_certificates(value, faults),
                "rVals" | "arVals" => values.take_evidence(value, faults),
                // ETSI TS 119 182-1 §5.3: both kinds at once.
                "anyValData" | "tstVD" => {
                    if let Some(certificates) = value.get("xVals") {
                        values.take_certificates(certificates, faults);
                    }
                    if let Some(evidence) = value.get("rVals") {
                        values.take_evidence(evidence, faults);
                    }
                }
                _ => {}
            }
        }
        values
    }
}

impl Component {
    fn read(element: &Value) -> Option<Self> {
        let (value, encoded) = match element {
            Value::String(text) => {
                let bytes = base64url::decode(text, MAX_VALUE_BYTES).ok()?;
                let value = json::parse(&bytes, COMPONENT_LIMITS).ok()?;
                (value, Some(text.clone()))
            }
            clear @ (Value::Array(_)
            | Value::Bool(_)
            | Value::Null
            | Value::Number(_)
            | Value::Object(_)) => (clear.clone(), None),
        };
        let Value::Object(members) = value else {
            return None;
        };
        let mut members = members.into_iter();
        let (Some((name, value)), None) = (members.next(), members.next()) else {
            return None;
        };
        Some(Self {
            name,
            value,
            encoded,
        })
    }
}

/// `tstContainer` (ETSI TS 119 182-1 §5.4.3.3): `{ "canonAlg": …, "tstTokens": [ … ] }`.
pub(super) fn tokens_of(container: &Value) -> &[Value] {
    let tokens = container.get("tstTokens").and_then(Value::as_array);
    tokens.map(Vec::as_slice).unwrap_or_default()
}

/// `{ "val": base64 of DER }`: a `pkiOb` (ETSI TS 119 182-1 §5.4) or a token.
pub(super) fn der_of(value: &Value) -> Option<Vec<u8>> {
    base64::decode(value.get("val")?.as_str()?, MAX_VALUE_BYTES).ok()
}

impl Values {
    /// `xVals` (ETSI TS 119 182-1 §5.3.5): `[ { "x509Cert": pkiOb } | { "otherCert": … } ]`.
    fn take_certificates(&mut self, value: &Value, faults: &mut Vec<Fault>) {
        let elements = value.as_array().map(Vec::as_slice).unwrap_or_default();
        for (position, element) in (1_usize..).zip(elements) {
            if self.certificates.len() >= MAX_CERTIFICATES {
                let detail = format!("more than {MAX_CERTIFICATES} certificates are not read");
                faults.push(Fault::irregular("xVals", detail));
                return;
            }
            let der = element.get("x509Cert").and_then(der_of);
            match der.map(|der| Certificate::parse_der(&der)) {
                Some(Ok(certificate)) if self.certificates.contains(&certificate) => {}
                Some(Ok(certificate)) => self.certificates.push(certificate),
                Some(Err(error)) => {
                    let detail = format!("certificate {position}: {error}");
                    faults.push(Fault::irregular("xVals", detail));
                }
                None => {
                    let detail = format!("member {position} is no certificate of X.509");
                    faults.push(Fault::irregular("xVals", detail));
                }
            }
        }
    }

    /// `rVals` (ETSI TS 119 182-1 §5.3.5): `{ "crlVals": [ pkiOb ], "ocspVals": [ pkiOb ] }`.
    fn take_evidence(&mut self, value: &Value, faults: &mut Vec<Fault>) {
        let list = |name| {
            let list = value.get(name).and_then(Value::as_array);
            list.map(Vec::as_slice).unwrap_or_default()
        };
        for (kind, element) in list("crlVals")
            .iter()
            .map(|element| ("crlVals", element))
            .chain(list("ocspVals").iter().map(|element| ("ocspVals", element)))
        {
            if self.crls.len().saturating_add(self.responses.len()) >= MAX_EVIDENCE {
                let detail = format!("more than {MAX_EVIDENCE} are not read");
                faults.push(Fault::irregular("rVals", detail));
                return;
            }
            let Some(der) = der_of(element) else {
                faults.push(Fault::irregular(kind, "holds something that is not base64"));
                continue;
            };
            let refused = if kind == "crlVals" {
                let read = Crl::parse_der(der).map(|crl| self.crls.push(crl));
                read.err().map(|error| error.to_string())
            } else {
                let read = OcspResponse::parse_der(der).map(|one| self.responses.push(one));
                read.err().map(|error| error.to_string())
            };
            if let Some(detail) = refused {
                faults.push(Fault::irregular(kind, detail));
            }
        }
    }
}
