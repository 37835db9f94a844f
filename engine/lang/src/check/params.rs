//! Params of a rule: their types, defaults and ranges.

use super::lets::{declared, lengths, twice};
use super::literal;
use super::scope::{Checker, ParamEntry, hides};
use super::types;
use crate::ast::{self, Span};
use crate::diag::Diag;
use crate::typed::{Const, Type};
use std::cmp::Ordering;

impl<'a> Checker<'a, '_> {
    /// Takes a param into the scope of the rule.
    pub(super) fn param(&mut self, param: &'a ast::Param) {
        if let Some(first) = self.params.iter().find(|known| known.ast.name.name == param.name.name)
        {
            let diag = twice("param", &param.name, &first.ast.name);
            self.sink.error(diag);
            return;
        }
        if let Some(hidden) = self.hidden(&param.name.name) {
            self.sink.warn(|| hides(&param.name, &hidden));
        }
        let value = self.param_value(param);
        let own = value.as_ref().map(|(_, value)| value.clone());
        let value = match (value, self.given_param(&param.name.name).map(|given| &given.value)) {
            (Some((ty, _)), Some(given)) => self.param_given(param, ty, &given.clone()),
            (value, _) => value,
        };
        self.params.push(ParamEntry { ast: param, value, own });
    }

    fn param_value(&mut self, param: &ast::Param) -> Option<(Type, Const)> {
        let ty = declared(self.sink, &param.ty)?;
        if matches!(ty, Type::List(_) | Type::Json) {
            let diag = Diag::error(
                "E0215",
                format!("a param is a plain value, not {}", types::words(&ty)),
                param.name.span,
            )
            .label("of a type that a param cannot have")
            .help(format!(
                "write a list as `let {}: {} = …`",
                param.name.name,
                types::name(&ty)
            ));
            self.sink.error(diag);
            return None;
        }
        let value = self.param_literal(&param.value, &ty)?;
        if let Some((low, high)) = &param.range {
            let low = (self.param_literal(low, &ty)?, low.span);
            let high = (self.param_literal(high, &ty)?, high.span);
            self.param_range(param, &ty, &value, (low, high))?;
        }
        Some((ty, value))
    }

    /// The value that the site gives a param, if it may have it.
    fn param_given(
        &mut self,
        param: &ast::Param,
        ty: Type,
        given: &ast::Expr,
    ) -> Option<(Type, Const)> {
        let value = self.param_literal(&lengths(given, &ty), &ty)?;
        let Some((low, high)) = &param.range else { return Some((ty, value)) };
        let (least, most) = (self.param_literal(low, &ty)?, self.param_literal(high, &ty)?);
        if literal::order(&value, &least) != Some(Ordering::Less)
            && literal::order(&value, &most) != Some(Ordering::Greater)
        {
            return Some((ty, value));
        }
        let (least, most) = (literal::show(&least), literal::show(&most));
        let title =
            format!("{} is not in the range of `{}`", literal::show(&value), param.name.name);
        let diag = Diag::error("E0508", title, given.span)
            .label(format!("not from {least} to {most}"))
            .also(Span { end: high.span.end, ..low.span }, "the range")
            .help(format!("choose a value from {least} to {most}"));
        self.sink.error(diag);
        None
    }

    fn param_literal(&mut self, ast: &ast::Expr, ty: &Type) -> Option<Const> {
        let val = self.expr(ast)?;
        let val = self.declared(val, ast, ty)?;
        val.constant().cloned()
    }

    fn param_range(
        &mut self,
        param: &ast::Param,
        ty: &Type,
        value: &Const,
        range: ((Const, ast::Span), (Const, ast::Span)),
    ) -> Option<()> {
        let ((low, low_at), (high, high_at)) = range;
        let measure = types::is_number(ty) || matches!(ty, Type::Duration | Type::Time);
        let (least, most) = (|| literal::show(&low), || literal::show(&high));
        let name = &param.name.name;
        let diag = if !measure {
            Diag::error("E0402", format!("{} has no range", types::words(ty)), low_at)
                .label("numbers, times and lengths of time have")
                .help("leave out `in …`")
        } else if literal::order(&low, &high) == Some(Ordering::Greater) {
            Diag::error("E0402", format!("no value of `{name}` is in its range"), high_at)
                .label(format!("less than {}", least()))
                .also(low_at, format!("more than {}", most()))
                .help(format!("write `in {}..{}`", most(), least()))
        } else if literal::order(value, &low) == Some(Ordering::Less)
            || literal::order(value, &high) == Some(Ordering::Greater)
        {
            Diag::error(
                "E0401",
                format!("the default of `{name}` is not in its range"),
                param.value.span,
            )
            .label(format!("not from {} to {}", least(), most()))
            .also(low_at, "the range")
            .help(format!(
                "choose a default from {} to {}, or widen the range",
                least(),
                most()
            ))
        } else {
            return Some(());
        };
        self.sink.error(diag);
        None
    }
}
