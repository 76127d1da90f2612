//! PDF files, put together from their objects.

use std::fmt::Write as _;

/// The objects of a document, the catalog being 1, the page tree 2 and the first page 3.
#[derive(Clone, Debug)]
pub(super) struct Objects(pub(super) Vec<(u32, String)>);

impl Objects {
    /// One page with a line of text.
    pub(super) fn plain() -> Self {
        let text = "BT /F1 24 Tf 72 700 Td (Contract) Tj ET";
        let content = format!("<</Length {}>>\nstream\n{text}\nendstream", text.len());
        let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
        let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]\
                    /Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>";
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            page,
            &content,
            font,
        ];
        Self((1..).zip(objects.map(str::to_owned)).collect())
    }

    /// The same with a form: `fields` are objects from 10 on, each on the page.
    pub(super) fn with_fields(fields: &[&str]) -> Self {
        let mut objects = Self::plain();
        let mut list = String::new();
        for (number, field) in (10..).zip(fields) {
            write!(list, "{number} 0 R ").unwrap();
            objects.0.push((number, (*field).to_owned()));
        }
        let form = format!("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{list}]>>>>");
        objects.replace(1, &form);
        let page = objects.0[2]
            .1
            .replace("/Contents", &format!("/Annots[{list}]/Contents"));
        objects.replace(3, &page);
        objects
    }

    pub(super) fn replace(&mut self, number: u32, body: &str) {
        let place = self.0.iter().position(|(known, _)| *known == number);
        self.0[place.unwrap()].1 = body.to_owned();
    }

    fn size(&self) -> u32 {
        self.0.iter().map(|(number, _)| number + 1).max().unwrap()
    }

    /// With a cross-reference table; `trailer` is added to its own.
    pub(super) fn table(&self, trailer: &str) -> Vec<u8> {
        let mut file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let mut table = String::from("xref\n");
        for (number, body) in &self.0 {
            let offset = file.len();
            writeln!(table, "{number} 1\n{offset:010} 00000 n ").unwrap();
            file.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
        }
        let section = file.len();
        let size = self.size();
        write!(
            table,
            "trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{section}\n%%EOF"
        )
        .unwrap();
        file.extend(table.bytes());
        file
    }

    /// With a cross-reference stream, and in an object stream all that may be there.
    pub(super) fn streams(&self) -> Vec<u8> {
        let mut file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let (container, section) = (self.size(), self.size() + 1);
        let mut rows: Vec<(u32, [u8; 6])> = Vec::new();
        let (mut header, mut bodies) = (String::new(), String::new());
        let mut index = 0_u8;
        for (number, body) in &self.0 {
            if body.contains("endstream") {
                rows.push((*number, row(1, file.len(), 0)));
                file.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
            } else {
                rows.push((*number, row(2, usize::try_from(container).unwrap(), index)));
                write!(header, "{number} {} ", bodies.len()).unwrap();
                writeln!(bodies, "{body}").unwrap();
                index += 1;
            }
        }
        rows.push((container, row(1, file.len(), 0)));
        let (first, length) = (header.len(), header.len() + bodies.len());
        file.extend(
            format!(
                "{container} 0 obj\n<</Type/ObjStm/N {index}/First {first}/Length {length}>>\n\
                 stream\n{header}{bodies}\nendstream\nendobj\n"
            )
            .bytes(),
        );
        let at = file.len();
        rows.push((section, row(1, at, 0)));
        let numbers: Vec<String> = rows
            .iter()
            .map(|(number, _)| format!("{number} 1"))
            .collect();
        let (index, length) = (numbers.join(" "), rows.len() * 6);
        file.extend(
            format!(
                "{section} 0 obj\n<</Type/XRef/Size {}/Root 1 0 R/W[1 4 1]/Index[{index}]\
                 /Length {length}>>\nstream\n",
                section + 1
            )
            .bytes(),
        );
        rows.iter().for_each(|(_, row)| file.extend(row));
        file.extend(format!("\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n").bytes());
        file
    }
}

fn row(kind: u8, second: usize, third: u8) -> [u8; 6] {
    let [a, b, c, d] = u32::try_from(second).unwrap().to_be_bytes();
    [kind, a, b, c, d, third]
}

/// An empty signature field of that name, on the first page.
pub(super) fn signature_field(name: &str, more: &str) -> String {
    format!(
        "<</Type/Annot/Subtype/Widget/FT/Sig/T({name})/F 132/Rect[10 10 210 70]/P 3 0 R{more}>>"
    )
}
