//! The questions and the choices of the form.

use super::{Words, english};
use crate::facts::surveys::links::form::Form;
use crate::pages::form::Posted;
use crate::plan::code_lists::dto::{NamedCode, QuestionnaireElement};
use crate::platform::text::Lang;

/// A question with its four answers.
pub struct Question {
    /// The code of its element.
    pub name: &'static str,
    pub text: String,
    /// Score, label, and whether it is chosen.
    pub answers: Vec<(usize, String, bool)>,
    pub is_missing: bool,
}

/// A list to choose from: value, name, and whether it is chosen.
pub struct Choice {
    pub name: &'static str,
    pub label: &'static str,
    pub options: Vec<(String, String, bool)>,
}

/// Returns the questions about the elements that the survey uses.
pub fn questions(form: &Form, posted: Option<&Posted>, lang: Lang) -> Vec<Question> {
    let is_few = posted.is_some_and(|posted| !has_enough(form, posted));
    let asked = form.questionnaire.elements.iter();
    let asked = asked.filter(|element| form.active.contains(element.code));
    asked
        .map(|element| question(form, element, posted, is_few, lang))
        .collect()
}

fn question(
    form: &Form,
    element: &QuestionnaireElement,
    posted: Option<&Posted>,
    is_few: bool,
    lang: Lang,
) -> Question {
    let name = element.code.code();
    let chosen = posted.and_then(|posted| score(posted, name));
    let (text, labels) = match lang {
        Lang::En if form.questionnaire.version == english::VERSION => {
            let (text, labels) = english::question(element.code);
            (text.to_owned(), labels.map(str::to_owned).to_vec())
        }
        _ => (element.question.clone(), element.labels.clone()),
    };
    let answers = (1..).zip(labels);
    Question {
        name,
        text,
        answers: answers
            .map(|(score, label)| (score, label, chosen == Some(score)))
            .collect(),
        is_missing: is_few && chosen.is_none(),
    }
}

/// Returns the score of a question, if it was answered.
pub fn score(posted: &Posted, name: &str) -> Option<usize> {
    posted.text(name).parse().ok().filter(|score| (1..=4).contains(score))
}

/// Returns whether enough questions were answered.
pub fn has_enough(form: &Form, posted: &Posted) -> bool {
    let answered = form
        .active
        .iter()
        .filter(|element| score(posted, element.code()).is_some());
    form.active.can_accept(answered)
}

/// Returns the lists about the visit. All may stay empty.
pub fn choices(form: &Form, posted: Option<&Posted>, t: &'static Words) -> Vec<Choice> {
    let named = |codes: &[NamedCode]| -> Vec<(String, String)> {
        codes
            .iter()
            .map(|code| (code.code.clone(), code.name.clone()))
            .collect()
    };
    let profile = &form.questionnaire.profile;
    let lists = [
        ("service", t.service, form.services.clone()),
        ("village_code", t.village, form.villages.clone()),
        ("gender", t.gender, named(&profile.gender)),
        ("education", t.education, named(&profile.education)),
        ("occupation", t.occupation, named(&profile.occupation)),
    ];
    let choice = |(name, label, codes): (&'static str, &'static str, Vec<(String, String)>)| {
        let chosen = posted.map_or("", |posted| posted.text(name)).to_owned();
        let empty = (String::new(), t.not_stated.to_owned());
        let all = [empty].into_iter().chain(codes);
        Choice {
            name,
            label,
            options: all.map(|(code, label)| (code.clone(), label, code == chosen)).collect(),
        }
    };
    lists.into_iter().map(choice).collect()
}
