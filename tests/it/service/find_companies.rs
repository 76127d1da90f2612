use serde_json::json;
use yinxin::identifier::uscc::Uscc;

use crate::running_city::City;
use crate::running_city::facts;
use crate::running_city::in_a_city;
use crate::store::uscc;

in_a_city!(
    pages_follow_on_each_other_without_gap_or_repetition,
    a_name_is_found_however_it_is_typed_and_only_literally,
);

async fn find(city: &City, text: &str, after: Option<&Uscc>, limit: u32) -> Vec<Uscc> {
    let found = city.app.find_companies(&city.bank_a, text, after, limit);
    let found = found.await.unwrap();
    found.into_iter().map(|summary| summary.uscc).collect()
}

async fn pages_follow_on_each_other_without_gap_or_repetition(city: City) {
    let lines: Vec<String> = (1..=25)
        .map(|number| json!({"company": facts(number, json!({}))}).to_string())
        .collect();
    let lines = lines.join("\n");
    let imported = city
        .app
        .import_companies(&city.market, lines.as_bytes(), &|_| {});
    imported.await.unwrap();
    let mut all: Vec<Uscc> = (1..=25).map(uscc).collect();
    all.sort();
    let (mut found, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let page = find(&city, "示例", found.last(), 10).await;
        sizes.push(page.len());
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    assert_eq!((found, sizes), (all, vec![10, 10, 5, 0]));
}

async fn a_name_is_found_however_it_is_typed_and_only_literally(city: City) {
    for (number, name, name_en) in [
        (1, "东莞市长安（电子）有限公司", "Chang'an Electronics"),
        (2, "东莞市百分之百100%有限公司", "100% Co."),
    ] {
        let facts = facts(number, json!({"name": name, "nameEn": name_en}));
        let recorded = city
            .app
            .record_facts(&city.market, &uscc(number), facts, None)
            .await;
        recorded.unwrap();
    }
    for (text, expected) in [
        ("长安(电子)", vec![uscc(1)]),
        (" 长 安 ", vec![uscc(1)]),
        ("CHANG'AN electronics", vec![uscc(1)]),
        ("100%", vec![uscc(2)]),
        ("1%0", vec![]),
        ("_", vec![]),
        ("  ", vec![]),
        ("", vec![]),
        ("' OR 1=1 --", vec![]),
    ] {
        assert_eq!(find(&city, text, None, 10).await, expected, "{text:?}");
    }
}
