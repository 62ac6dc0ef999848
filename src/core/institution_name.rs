//! The forms in which names of institutions are compared (DOMAIN section 5). A database stores them with each name, so a
//! change here needs a migration that computes them again.

use std::collections::BTreeSet;

/// The words that may be a label, one line for each label.
const LABELS: [(&[&str], &str); 5] = [
    (&["rukun", "tetangga"], RT),
    (&["rukun", "warga"], RW),
    (&["rt"], RT),
    (&["rw"], RW),
    (&["no"], NO),
];
const RT: &str = "rt";
const RW: &str = "rw";
const NO: &str = "no";

/// The name of an institution, in the forms that decide whether two institutions are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedName {
    /// Two institutions of a village and kind with the same form are one institution.
    pub form: String,
    /// Two institutions of a village and kind with the same likeness may be one, unless both are parts of others.
    pub likeness: String,
    /// The number of the RW that the name of an RT has, and the other way round.
    pub part_of: Option<String>,
}

impl ComparedName {
    pub fn new(kind: &str, name: &str) -> Self {
        let form = form(kind, name);
        let (likeness, part_of) = match has_labels(kind) {
            true => likeness_of_labelled(kind, &form),
            false => (likeness(kind, &form), None),
        };
        Self {
            form,
            likeness,
            part_of,
        }
    }

    /// Returns whether two institutions of a village and kind may be one.
    pub fn is_like(&self, other: &Self) -> bool {
        let parts = self.part_of.as_ref().zip(other.part_of.as_ref());
        self.likeness == other.likeness && parts.is_none_or(|(own, other)| own == other)
    }
}

/// Returns the normal form of a name: its words and numbers in lower case, without punctuation and leading zeros. In the
/// kinds `rt` and `rw` the labels follow the other words, in one order: `RW.02/RT.01A` is `rt=1a rw=2`. A name that has
/// neither words nor numbers is its own form.
pub fn form(kind: &str, name: &str) -> String {
    let labelled = has_labels(kind);
    let mut form = name.to_owned();
    loop {
        let words = words(&form);
        let next = match labelled {
            true => Labelled::parse(&words).to_string(),
            false => words.join(" "),
        };
        if next.is_empty() {
            return name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        }
        // Without a label between them, two words can be a label: "rukun RT 1 tetangga".
        if next == form {
            return form;
        }
        form = next;
    }
}

fn has_labels(kind: &str) -> bool {
    [RT, RW].contains(&kind)
}

/// Returns the words and numbers of a text in lower case: "RT.001A" has the words `rt`, `1` and `a`.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = None;
    for c in text.to_lowercase().chars() {
        let class = c.is_alphanumeric().then(|| c.is_ascii_digit());
        match words.last_mut().filter(|_| class == before) {
            Some(word) if class.is_some() => word.push(c),
            _ if class.is_some() => words.push(c.into()),
            _ => {}
        }
        before = class;
    }
    for word in words.iter_mut().filter(|word| is_number(word)) {
        let digits = word.trim_start_matches('0');
        *word = if digits.is_empty() { "0" } else { digits }.to_owned();
    }
    words
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

fn is_letter(word: &str) -> bool {
    !is_number(word) && word.chars().count() == 1
}

/// A name with its labels.
#[derive(Debug, Default, PartialEq, Eq)]
struct Labelled {
    /// The words and numbers that belong to no label.
    others: Vec<String>,
    /// Labels and their numbers, each with the letter that follows it.
    numbered: BTreeSet<(&'static str, String)>,
    /// Labels without a number.
    bare: BTreeSet<&'static str>,
}

impl Labelled {
    /// Some labels in a row share the numbers that follow them: `RT/RW 001/002` is `rt=1 rw=2`.
    fn parse(words: &[String]) -> Self {
        let mut name = Self::default();
        let mut rest = words;
        while let Some((first, after)) = rest.split_first() {
            let labels = take_labels(&mut rest);
            if labels.is_empty() {
                name.others.push(first.clone());
                rest = after;
                continue;
            }
            let numbers = take_numbers(&mut rest, labels.len());
            let (bare, numbered) = labels.split_at(labels.len().saturating_sub(numbers.len()));
            // A "no" without a number says nothing.
            name.bare.extend(bare.iter().filter(|label| **label != NO));
            name.numbered.extend(numbered.iter().copied().zip(numbers));
        }
        name
    }

    fn number_of(&self, wanted: &str) -> Option<&str> {
        let mut numbers = self.numbered.iter();
        numbers.find(|(label, _)| *label == wanted).map(|(_, n)| n.as_str())
    }
}

impl std::fmt::Display for Labelled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbered = self.numbered.iter().map(|(label, number)| format!("{label}={number}"));
        let bare = self.bare.iter().map(|label| format!("{label}="));
        let parts: Vec<String> = self.others.iter().cloned().chain(numbered).chain(bare).collect();
        f.write_str(&parts.join(" "))
    }
}

/// Removes the labels at the beginning and returns each once. "No" beside another label is a filler.
fn take_labels(rest: &mut &[String]) -> Vec<&'static str> {
    let mut labels = Vec::new();
    while let Some((words, label)) = LABELS.iter().find(|(words, _)| {
        let mut begins = rest.iter().zip(*words);
        rest.len() >= words.len() && begins.all(|(own, word)| own == word)
    }) {
        *rest = rest.get(words.len()..).unwrap_or_default();
        if !labels.contains(label) {
            labels.push(*label);
        }
    }
    if labels.len() > 1 {
        labels.retain(|label| *label != NO);
    }
    labels
}

/// Removes up to `most` numbers at the beginning, each with the letter that follows it.
fn take_numbers(rest: &mut &[String], most: usize) -> Vec<String> {
    let mut numbers = Vec::new();
    while let Some((number, after)) = rest.split_first().filter(|(first, _)| is_number(first)) {
        if numbers.len() == most {
            break;
        }
        let mut number = number.clone();
        *rest = after;
        if let Some((letter, after)) = rest.split_first().filter(|(first, _)| is_letter(first)) {
            number.push_str(letter);
            *rest = after;
        }
        numbers.push(number);
    }
    numbers
}

/// Returns the likeness of the name of an RT or RW: its number and its other words; and the number of the other label.
/// A number without a label is that of the kind, and a second one that of the other label: `01/02` is like `RT 1 RW 2`.
fn likeness_of_labelled(kind: &str, form: &str) -> (String, Option<String>) {
    let words = spelt_out(form);
    let parsed = Labelled::parse(&words);
    let (numbers, others): (Vec<_>, Vec<_>) = parsed.others.iter().cloned().partition(|word| is_number(word));
    let mut loose = numbers.into_iter();
    let other_label = if kind == RT { RW } else { RT };
    let own = parsed.number_of(kind).or_else(|| parsed.number_of(NO));
    let own = own.map(str::to_owned).or_else(|| loose.next());
    let part_of = parsed.number_of(other_label).map(str::to_owned);
    let part_of = part_of.or_else(|| loose.next());
    let numbers: Vec<String> = own.into_iter().chain(loose).collect();
    (format!("{}#{}", folded(&others), numbers.join("#")), part_of)
}

/// Returns the likeness of the name of another kind: its words without those of the kind, and its numbers.
fn likeness(kind: &str, form: &str) -> String {
    let of_kind: Vec<&str> = kind.split('-').chain([NO]).collect();
    let words = spelt_out(form).into_iter();
    let words = words.filter(|word| !of_kind.contains(&word.as_str()));
    let (numbers, others): (Vec<_>, Vec<_>) = words.partition(|word| is_number(word));
    format!("{}#{}", folded(&others), numbers.join("#"))
}

/// Returns the words of a form with roman numerals as numbers, and with letters in a row as one word: "R.T. IV" has the
/// words `rt` and `4`.
fn spelt_out(form: &str) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut after_letter = false;
    for word in words(form) {
        let letter = is_letter(&word);
        match joined.last_mut().filter(|_| letter && after_letter) {
            Some(last) => last.push_str(&word),
            None => joined.push(word),
        }
        after_letter = letter;
    }
    let numbers = joined.into_iter().map(|word| match roman(&word) {
        Some(number) => number.to_string(),
        None => word,
    });
    numbers.collect()
}

/// Returns the value of a roman numeral below 40.
fn roman(word: &str) -> Option<usize> {
    const ONES: [&str; 10] = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"];
    let ones = word.trim_start_matches('x');
    let tens = word.len() - ones.len();
    let value = ONES.iter().position(|numeral| *numeral == ones)?;
    (tens <= 3 && !word.is_empty()).then_some(10 * tens + value)
}

/// Returns words as they sound: without spaces, in today's spelling, without doubled letters and without vowels inside a
/// word. Words of three letters or fewer stay as they are.
fn folded(words: &[String]) -> String {
    const SPELLINGS: [(&str, &str); 5] = [("oe", "u"), ("dj", "j"), ("tj", "c"), ("sj", "sy"), ("nj", "ny")];
    let fold = |word: &String| {
        if word.chars().count() <= 3 {
            return word.clone();
        }
        let modern = SPELLINGS
            .iter()
            .fold(word.clone(), |word, (old, new)| word.replace(old, new));
        let mut sound = String::new();
        for c in modern.chars() {
            let is_vowel = "aeiou".contains(c) && !sound.is_empty();
            if !is_vowel && !sound.ends_with(c) {
                sound.push(c);
            }
        }
        sound
    };
    words.iter().map(fold).collect()
}
