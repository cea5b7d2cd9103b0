//! Walking over the tree.
//!
//! [`Visit`] has a method for each kind of node that a reader may want to see. What it does by default
//! is to go on with what is inside, through [`walk_command`] and its kin; an implementation that wants
//! to see a node and what is inside it calls them itself. Nesting is bounded by the parser.

use crate::ast::{
    Arithmetic, ArithmeticToken, ArrayElement, Assignment, AssignmentValue, Brace, Command, CommandKind,
    Condition, List, Loop, LoopWords, ParameterExpansion, ParameterOperator, Redirection, RedirectionKind,
    Subscript, Word, WordPart,
};

/// A reader of the tree.
pub trait Visit<'a> {
    /// A list of commands.
    fn list(&mut self, list: &'a List) {
        walk_list(self, list);
    }
    /// A command.
    fn command(&mut self, command: &'a Command) {
        walk_command(self, command);
    }
    /// A redirection.
    fn redirection(&mut self, redirection: &'a Redirection) {
        walk_redirection(self, redirection);
    }
    /// An assignment before a command.
    fn assignment(&mut self, assignment: &'a Assignment) {
        walk_assignment(self, assignment);
    }
    /// A condition of `[[ … ]]`.
    fn condition(&mut self, condition: &'a Condition) {
        walk_condition(self, condition);
    }
    /// A word.
    fn word(&mut self, word: &'a Word) {
        for part in &word.parts {
            self.part(part);
        }
    }
    /// A part of a word.
    fn part(&mut self, part: &'a WordPart) {
        walk_part(self, part);
    }
    /// An expansion `$name` or `${…}`.
    fn parameter(&mut self, parameter: &'a ParameterExpansion) {
        walk_parameter(self, parameter);
    }
    /// An arithmetic expression, wherever it stands.
    fn arithmetic(&mut self, arithmetic: &'a Arithmetic) {
        walk_arithmetic(self, arithmetic);
    }
    /// A subscript, wherever it stands.
    fn subscript(&mut self, subscript: &'a Subscript) {
        if let Subscript::Expression(expression) = subscript {
            self.arithmetic(expression);
        }
    }
}

/// Goes on with the commands of a list.
pub fn walk_list<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, list: &'a List) {
    for item in &list.items {
        for pipeline in item.command.pipelines() {
            for command in &pipeline.commands {
                visitor.command(command);
            }
        }
    }
}

/// Goes on with what is inside a command, its redirections last.
pub fn walk_command<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, command: &'a Command) {
    match &command.kind {
        CommandKind::Simple(simple) => {
            simple.assignments.iter().for_each(|assignment| visitor.assignment(assignment));
            simple.words.iter().for_each(|word| visitor.word(word));
        }
        CommandKind::Group(list) | CommandKind::Subshell(list) => visitor.list(list),
        CommandKind::If(clause) => {
            for (condition, body) in &clause.branches {
                visitor.list(condition);
                visitor.list(body);
            }
            clause.otherwise.iter().for_each(|list| visitor.list(list));
        }
        CommandKind::For(clause) | CommandKind::Select(clause) => {
            if let LoopWords::Words(words) = &clause.words {
                words.iter().for_each(|word| visitor.word(word));
            }
            visitor.list(&clause.body);
        }
        CommandKind::ArithmeticFor { header, body } => {
            header.iter().for_each(|expression| visitor.arithmetic(expression));
            visitor.list(body);
        }
        CommandKind::While(clause) | CommandKind::Until(clause) => {
            let Loop { condition, body } = &**clause;
            visitor.list(condition);
            visitor.list(body);
        }
        CommandKind::Case(clause) => {
            visitor.word(&clause.subject);
            for arm in &clause.arms {
                arm.patterns.iter().for_each(|word| visitor.word(word));
                visitor.list(&arm.body);
            }
        }
        CommandKind::Condition(condition) => visitor.condition(condition),
        CommandKind::Arithmetic(expression) => visitor.arithmetic(expression),
        CommandKind::Function(definition) => visitor.command(&definition.body),
        CommandKind::Coprocess { body, .. } => visitor.command(body),
    }
    command.redirections.iter().for_each(|redirection| visitor.redirection(redirection));
}

/// Goes on with the target of a redirection.
pub fn walk_redirection<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, redirection: &'a Redirection) {
    match &redirection.kind {
        RedirectionKind::Read(word)
        | RedirectionKind::Write(word)
        | RedirectionKind::Clobber(word)
        | RedirectionKind::Append(word)
        | RedirectionKind::ReadWrite(word)
        | RedirectionKind::DuplicateInput(word)
        | RedirectionKind::DuplicateOutput(word)
        | RedirectionKind::WriteBoth(word)
        | RedirectionKind::AppendBoth(word)
        | RedirectionKind::HereString(word) => visitor.word(word),
        RedirectionKind::HereDocument(document) => visitor.word(document.body()),
    }
}

/// Goes on with the subscript and the value of an assignment.
pub fn walk_assignment<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, assignment: &'a Assignment) {
    assignment.subscript.iter().for_each(|subscript| visitor.subscript(subscript));
    match &assignment.value {
        AssignmentValue::Scalar(word) => visitor.word(word),
        AssignmentValue::Array(elements) => walk_elements(visitor, elements),
    }
}

fn walk_elements<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, elements: &'a [ArrayElement]) {
    for element in elements {
        element.subscript.iter().for_each(|subscript| visitor.subscript(subscript));
        visitor.word(&element.value);
    }
}

/// Goes on with the operands of a condition.
pub fn walk_condition<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, condition: &'a Condition) {
    match condition {
        Condition::And(all) | Condition::Or(all) => {
            all.iter().for_each(|condition| visitor.condition(condition));
        }
        Condition::Not(inner) | Condition::Group(inner) => visitor.condition(inner),
        Condition::Unary(_, word) | Condition::Word(word) => visitor.word(word),
        Condition::Binary(left, _, right) => {
            visitor.word(left);
            visitor.word(right);
        }
    }
}

/// Goes on with what is inside a part of a word.
pub fn walk_part<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, part: &'a WordPart) {
    match part {
        WordPart::Literal(_)
        | WordPart::Escaped(_)
        | WordPart::SingleQuoted(_)
        | WordPart::AnsiQuoted(_)
        | WordPart::Tilde(_) => {}
        WordPart::DoubleQuoted(parts)
        | WordPart::LocalizedQuoted(parts)
        | WordPart::ExtendedGlob(_, parts) => parts.iter().for_each(|part| visitor.part(part)),
        WordPart::Brace(brace) => match brace.as_ref() {
            Brace::Range(parts) => parts.iter().for_each(|part| visitor.part(part)),
            Brace::Alternatives(alternatives) => {
                alternatives.iter().flatten().for_each(|part| visitor.part(part));
            }
        },
        WordPart::Parameter(parameter) => visitor.parameter(parameter),
        WordPart::Command(substitution) | WordPart::Process(_, substitution) => {
            visitor.list(&substitution.body);
        }
        WordPart::Arithmetic(expression) => visitor.arithmetic(expression),
        WordPart::Array(elements) => walk_elements(visitor, elements),
    }
}

/// Goes on with the subscript and the operands of an expansion.
pub fn walk_parameter<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, parameter: &'a ParameterExpansion) {
    parameter.subscript.iter().for_each(|subscript| visitor.subscript(subscript));
    match parameter.operator.as_deref() {
        None
        | Some(
            ParameterOperator::Length | ParameterOperator::Transform(_) | ParameterOperator::NamesWithPrefix,
        ) => {}
        Some(
            ParameterOperator::Default { word, .. }
            | ParameterOperator::Assign { word, .. }
            | ParameterOperator::Error { word, .. }
            | ParameterOperator::Alternative { word, .. }
            | ParameterOperator::RemovePrefix { pattern: word, .. }
            | ParameterOperator::RemoveSuffix { pattern: word, .. }
            | ParameterOperator::Case { pattern: word, .. },
        ) => visitor.word(word),
        Some(ParameterOperator::Replace { pattern, replacement, .. }) => {
            visitor.word(pattern);
            replacement.iter().for_each(|word| visitor.word(word));
        }
        Some(ParameterOperator::Substring { offset, length }) => {
            visitor.arithmetic(offset);
            length.iter().for_each(|length| visitor.arithmetic(length));
        }
    }
}

/// Goes on with the subscripts and substitutions of an arithmetic expression.
pub fn walk_arithmetic<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, arithmetic: &'a Arithmetic) {
    for token in &arithmetic.tokens {
        match token {
            ArithmeticToken::Number(..) | ArithmeticToken::Operator(..) => {}
            ArithmeticToken::Name(_, subscript, _) => {
                subscript.iter().for_each(|subscript| visitor.subscript(subscript));
            }
            ArithmeticToken::Part(part, _) => visitor.part(part),
        }
    }
}
