//! Open enums.

use placewise_reporting::sendings::Channel;

#[test]
fn text_becomes_an_enum_and_an_enum_text() {
    let Ok(email) = "email".parse::<Channel>();
    assert_eq!((email.clone(), Channel::from("email")), (Channel::Email, Channel::Email));
    let text: &str = email.as_ref();
    assert_eq!((text, email.as_str(), email.to_string()), ("email", "email", "email".to_owned()));
    assert_eq!(serde_json::from_str::<Channel>("\"email\"").unwrap(), Channel::Email);
}

#[test]
fn an_unlisted_value_keeps_its_text_and_is_matched_as_unlisted() {
    let pigeon = Channel::from("pigeon");
    let name = match &pigeon {
        Channel::Email => "email",
        Channel::Unlisted(_) => "unlisted",
        _ => "listed",
    };
    assert_eq!((name, pigeon.as_str()), ("unlisted", "pigeon"));
    assert_eq!(pigeon, "pigeon".into());
    assert_eq!(serde_json::to_string(&pigeon).unwrap(), "\"pigeon\"");
    let Channel::Unlisted(value) = pigeon else { panic!("unlisted") };
    assert!(!format!("{value:?}").contains("pigeon"));
}
