//! Reads the layers that have sizes or a window, and checks what needs no arriving shape.

use proc_macro2::{Ident, Spacing, TokenStream, TokenTree};
use quote::quote;

use crate::ast::{Conv, Dense, Depthwise, Layer, Number, Padding, Pair, Pool, Window, compact, tight};
use crate::catalogue::{ConvKind, PoolKind};
use crate::error::Mistakes;
use crate::infer::{Uneven, ways_of_groups};
use crate::number::LIMIT;
use crate::options::{Options, Spelled};
use crate::words::{self, Argument};

/// `conv(3=>32, k5, pad2)`, and its kin
pub(crate) fn conv(kind: ConvKind, word: &Ident, arguments: TokenStream, mistakes: &mut Mistakes) -> Layer {
    let name = kind.word();
    if arguments.is_empty() {
        mistakes.add(word, format!("{name} needs its filters and a kernel: {name}(32, k3)"));
        return Layer::Wrong;
    }
    let taken = match kind {
        ConvKind::Plain => words::CONV,
        ConvKind::Separable => words::DEPTHWISE,
        ConvKind::Transposed => words::CONV_TRANSPOSE,
    };
    let mut parts = split(arguments, mistakes);
    let names = SizeNames {
        layer: name,
        input: "input channels",
        output: "filters",
        example: format!("{name}(3=>32, k3) or {name}(32, k3)"),
        more: ", …",
    };
    let (input, filters) = names.read(word, &mut parts, LIMIT, mistakes);
    if taken.contains(&Argument::Groups) {
        let sizes = [input.as_ref().and_then(|input| input.value), filters.value];
        uneven_groups(name, &mut parts, sizes, mistakes);
    }
    let mut options = Options::read(name, taken, &parts, mistakes);
    options.doubtful |= filters.is_missing();
    let stated = input.as_ref().map_or(String::new(), |input| format!("{input}=>"));
    let mut conv = Conv {
        kind,
        window: options.window(word, Some(1), &format!("{name}({stated}{filters}, k3)"), mistakes),
        output_padding: options.take(Argument::OutputPad).unwrap_or_else(|| Pair::literal(0, word)),
        groups: options.take(Argument::Groups).unwrap_or_else(|| Pair::literal(1, word)),
        bias: !options.has(Argument::NoBias),
        options: options.texts,
        input,
        filters,
    };
    if let Some(message) = long_output_padding(&conv) {
        mistakes.add(&conv.output_padding.tokens, message);
        conv.output_padding = Pair::unknown(&conv.output_padding.tokens);
        conv.options.retain(|option| !option.starts_with("output_pad"));
    }
    Layer::Conv(Box::new(conv))
}

/// Takes out groups that are spelled as elsewhere, `groups=3`, and do not divide the sizes that are stated: another spelling would not
/// mend them, so both are one mistake.
fn uneven_groups(name: &str, parts: &mut Vec<TokenStream>, sizes: [Option<usize>; 2], mistakes: &mut Mistakes) {
    let uneven = |part: &TokenStream| {
        let spelled = syn::parse2::<Spelled>(part.clone()).ok()?;
        let meant = Argument::guess(spelled.word(), &[Argument::Groups]).filter(|_| spelled.known().is_none());
        let groups = syn::parse2::<syn::LitInt>(spelled.numbers().filter(|_| meant.is_some())?.clone()).ok()?;
        let groups = groups.base10_parse().ok().filter(|groups| *groups > 0)?;
        Uneven::of(groups, sizes[0], sizes[1])
    };
    let Some((at, Uneven { what, ways })) = parts.iter().enumerate().find_map(|(at, part)| Some((at, uneven(part)?)))
    else {
        return;
    };
    let part = parts.remove(at);
    let text = compact(&part);
    mistakes.add(part, format!("{name} has no argument `{text}`, and {what}; {}", ways_of_groups(&ways)));
}

/// `depthwise(k3, pad1)`
pub(crate) fn depthwise(word: &Ident, arguments: TokenStream, mistakes: &mut Mistakes) -> Layer {
    if arguments.is_empty() {
        mistakes.add(word, "depthwise needs a kernel: depthwise(k3)");
        return Layer::Wrong;
    }
    let mut parts = split(arguments, mistakes);
    let kernel_follows = parts.iter().skip(1).any(is_kernel);
    if parts.first().is_some_and(|first| arrow(first.clone()).is_some() || (is_number(first) && kernel_follows)) {
        let sizes = parts.remove(0);
        let text = compact(&sizes).replace(' ', "");
        mistakes.add(sizes, format!("depthwise has one filter for each channel that arrives; leave out `{text}`"));
    }
    let mut options = Options::read("depthwise", words::DEPTHWISE, &parts, mistakes);
    let window = options.window(word, Some(1), "depthwise(k3)", mistakes);
    let bias = !options.has(Argument::NoBias);
    let text = format!("depthwise({})", options.texts.join(", "));
    Layer::Depthwise(Box::new(Depthwise { window, bias, text }))
}

/// `maxpool(k3, stride2)`, `avgpool(k2)`
pub(crate) fn pool(kind: PoolKind, word: &Ident, arguments: TokenStream, mistakes: &mut Mistakes) -> Layer {
    let name = kind.word();
    let (taken, or) = match kind {
        PoolKind::Max => (words::MAXPOOL, ", or write pool2"),
        PoolKind::Average => (words::AVGPOOL, ""),
    };
    if arguments.is_empty() {
        mistakes.add(word, format!("{name} needs a kernel: {name}(k2){or}"));
        return Layer::Wrong;
    }
    let parts = split(arguments, mistakes);
    let mut options = Options::read(name, taken, &parts, mistakes);
    let mut window = options.window(word, None, &format!("{name}(k2)"), mistakes);
    if let Some((pad, message)) = uneven_padding(&window).or_else(|| thick_padding(&window)) {
        mistakes.add(&pad, message);
        window.padding = Padding::Zeros(Pair::unknown(pad));
    }
    let skips_padding = options.has(Argument::SkipPadding);
    let text = format!("{name}({})", options.texts.join(", "));
    Layer::Pool(Box::new(Pool { kind, window, skips_padding, text }))
}

/// `pool2`: windows of 2×2, side by side.
pub(crate) fn pool2(word: &Ident, arguments: TokenStream, mistakes: &mut Mistakes) -> Layer {
    if !arguments.is_empty() {
        let (text, at) = (compact(&arguments), arguments.clone());
        let mut known = Mistakes::default();
        let parts = split(arguments, &mut known);
        let options = Options::read("maxpool", words::MAXPOOL, &parts, &mut known);
        let kernel = if options.has(Argument::Kernel) { "" } else { "k2, " };
        let or = if known.is_empty() { format!("maxpool({kernel}{text}), or ") } else { String::new() };
        mistakes.add(at, format!("pool2 takes no arguments; write {or}pool2 alone"));
    }
    let [zero, one, two] = [0, 1, 2].map(|value| Pair::literal(value, word));
    let window = Window {
        kernel: two.clone(),
        stride: two,
        padding: Padding::Zeros(zero),
        dilation: one,
        ceil: false,
        exact: false,
    };
    Layer::Pool(Box::new(Pool { kind: PoolKind::Max, window, skips_padding: false, text: "pool2".to_owned() }))
}

/// `dense(400=>120)`
pub(crate) fn dense(word: &Ident, arguments: TokenStream, mistakes: &mut Mistakes) -> Layer {
    if arguments.is_empty() {
        mistakes.add(word, "dense needs its features: dense(10)");
        return Layer::Wrong;
    }
    let mut parts = split(arguments, mistakes);
    let names = SizeNames {
        layer: "dense",
        input: "input features",
        output: "features",
        example: "dense(400=>10) or dense(10)".to_owned(),
        more: "",
    };
    let (input, output) = names.read(word, &mut parts, usize::MAX, mistakes);
    let options = Options::read("dense", words::DENSE, &parts, mistakes);
    Layer::Dense(Dense { input, output, bias: !options.has(Argument::NoBias) })
}

/// Whether a number or an argument may end with a token; after a keyword, such as `as`, an expression goes on.
fn is_operand(token: &TokenTree) -> bool {
    match token {
        TokenTree::Literal(_) | TokenTree::Group(_) => true,
        TokenTree::Ident(_) => syn::parse2::<Ident>(token.clone().into()).is_ok(),
        TokenTree::Punct(_) => false,
    }
}

/// Whether a token is the word of an argument; a capital is that of a constant.
fn starts_argument(token: &TokenTree) -> bool {
    let is_word =
        |spelled: Spelled| spelled.word().starts_with(char::is_lowercase) && Argument::is_meant(spelled.word());
    matches!(token, TokenTree::Ident(_)) && syn::parse2(token.clone().into()).is_ok_and(is_word)
}

/// Splits at the commas outside brackets, and where one is missing before an argument; a trailing comma is fine.
pub(crate) fn split(tokens: TokenStream, mistakes: &mut Mistakes) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let mut part = TokenStream::new();
    let mut before = None;
    for token in tokens {
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => {
                if part.is_empty() {
                    mistakes.add(comma, "there is no argument before this comma");
                }
                parts.push(std::mem::take(&mut part));
            }
            _ => {
                if before.is_some_and(|before| is_operand(&before)) && starts_argument(&token) {
                    mistakes.add(&token, format!("`,` is missing before `{token}`"));
                    parts.push(std::mem::take(&mut part));
                }
                part.extend([token.clone()]);
            }
        }
        before = Some(token);
    }
    parts.push(part);
    parts.retain(|part| !part.is_empty());
    parts
}

/// What the sizes of a layer are called.
struct SizeNames {
    layer: &'static str,
    input: &'static str,
    output: &'static str,
    example: String,
    /// What follows the sizes in an example.
    more: &'static str,
}

impl SizeNames {
    /// Takes the sizes from the front of the arguments: `OUT` or `IN=>OUT`.
    fn read(
        &self,
        word: &Ident,
        parts: &mut Vec<TokenStream>,
        input_limit: usize,
        mistakes: &mut Mistakes,
    ) -> (Option<Number>, Number) {
        let Self { layer, example, .. } = self;
        let is_option = |part| syn::parse2::<Spelled>(part).is_ok_and(|spelled| spelled.known().is_some());
        if parts.first().cloned().is_none_or(is_option) {
            mistakes.add(word, format!("{layer} needs its {} first: {example}", self.output));
            return (None, Number::unknown());
        }
        if let Some(sizes) = self.named(parts, mistakes) {
            return sizes;
        }
        let first = parts.remove(0);
        let number = |tokens: &TokenStream, name, limit, mistakes: &mut Mistakes| {
            Number::read(tokens, &format!("the number of {name}"), 1..=limit, mistakes)
        };
        let joined = |input: &str, output: &str| {
            format!("the sizes of {layer} are joined by `=>`: write {layer}({input}=>{output}{})", self.more)
        };
        let Some(Arrow { input, sign, output }) = arrow(first.clone()) else {
            let bare = parts.first().is_some_and(is_number);
            // in conv(32, 3) the second number is the kernel
            let kernel_follows = parts.iter().skip(1).any(|part| is_number(part) || is_kernel(part));
            if !bare || (*layer != "dense" && !kernel_follows) {
                return (None, number(&first, self.output, LIMIT, mistakes));
            }
            // conv(3, 32, …) as in other libraries
            let (input, output) = (first, parts.remove(0));
            if *layer == "dense" {
                let [input, features] = [&input, &output].map(compact);
                let way = format!("write dense({features}), or dense({input}=>{features}) to say what arrives");
                mistakes.add(&output, format!("the sizes of dense are joined by `=>`: {way}"));
                return (None, number(&output, self.output, LIMIT, mistakes));
            }
            mistakes.add(&output, joined(&compact(&input), &compact(&output)));
            let input = number(&input, self.input, input_limit, mistakes);
            return (Some(input), number(&output, self.output, LIMIT, mistakes));
        };
        if tight(&sign) != "=>" {
            let at = if sign.is_empty() { &output } else { &sign };
            mistakes.add(at, joined(&compact(&input), &compact(&output)));
        }
        let mut side = |tokens: &TokenStream, name, limit, place| {
            if tokens.is_empty() {
                mistakes.add(&sign, format!("the {name} are missing {place} this `=>`; for example {example}"));
                return Number::unknown();
            }
            number(tokens, name, limit, mistakes)
        };
        let input = side(&input, self.input, input_limit, "before");
        (Some(input), side(&output, self.output, LIMIT, "after"))
    }
}

impl SizeNames {
    /// Takes sizes with names, as in other libraries: `units=10`, or `in_channels=3, out_channels=32`.
    fn named(&self, parts: &mut Vec<TokenStream>, mistakes: &mut Mistakes) -> Option<(Option<Number>, Number)> {
        let layer = self.layer;
        let named = |part: Option<&TokenStream>, words: &[&str]| {
            let spelled = syn::parse2::<Spelled>(part?.clone()).ok()?;
            words.iter().any(|word| spelled.word().starts_with(word)).then(|| spelled.assigned()).flatten()
        };
        let outputs = ["out", "filter", "unit", "channel", "feature"];
        let input = named(parts.first(), &["in"]);
        let given = usize::from(input.is_some());
        let output = named(parts.get(given), &outputs)?;
        let at = parts.drain(..=given).reduce(|before, part| quote!(#before, #part))?;
        let output = Number::read(&output, &format!("the number of {}", self.output), 1..=LIMIT, mistakes);
        let input =
            input.map(|input| Number::read(&input, &format!("the number of {}", self.input), 1..=usize::MAX, mistakes));
        let stated = input.as_ref().map_or(String::new(), |input| format!("{input}=>"));
        let text = compact(&at);
        mistakes.add(
            at,
            format!(
                "{layer} takes its sizes without names, not `{text}`; write {layer}({stated}{output}{})",
                self.more
            ),
        );
        Some((input, output))
    }
}

fn is_number(part: &TokenStream) -> bool {
    syn::parse2::<syn::LitInt>(part.clone()).is_ok()
}

/// Whether a part is, or is probably meant to be, a kernel.
fn is_kernel(part: &TokenStream) -> bool {
    syn::parse2::<Spelled>(part.clone()).is_ok_and(|spelled| spelled.is_kernel())
}

/// The sizes of a layer that states both.
struct Arrow {
    input: TokenStream,
    /// `=>`, or what stands in its place, which may be nothing.
    sign: TokenStream,
    output: TokenStream,
}

/// `3=>32`; for a better message also two sizes with another sign between them, or with none, that calculate nothing.
fn arrow(tokens: TokenStream) -> Option<Arrow> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let stream = |tokens: &[TokenTree]| tokens.iter().cloned().collect();
    let parts = |start: usize, end: usize| Arrow {
        input: stream(&tokens[..start]),
        sign: stream(&tokens[start..end]),
        output: stream(&tokens[end..]),
    };
    let is_arrow = |pair: &[TokenTree]| match pair {
        [TokenTree::Punct(first), TokenTree::Punct(second)] => {
            "=-".contains(first.as_char()) && first.spacing() == Spacing::Joint && second.as_char() == '>'
        }
        _ => false,
    };
    if let Some(at) = tokens.windows(2).position(is_arrow) {
        return Some(parts(at, at + 2));
    }
    let [TokenTree::Literal(_), signs @ .., TokenTree::Literal(_)] = tokens.as_slice() else { return None };
    let calculates = matches!(tight(&stream(signs)).as_str(), "+" | "-" | "*" | "/" | "%" | "<<" | "&" | "|" | "^");
    let is_sign = |token: &TokenTree| matches!(token, TokenTree::Punct(_));
    (signs.iter().all(is_sign) && !calculates).then(|| parts(1, tokens.len() - 1))
}

impl Conv {
    /// Of a transposed convolution: the most output padding along each axis. It chooses among the outputs that the stride or the
    /// dilation leaves open.
    pub(crate) fn most_output_padding(&self) -> Option<[usize; 2]> {
        let [stride, dilation] = [self.window.stride.values(), self.window.dilation.values()];
        let most = |axis: usize| Some(stride[axis]?.max(dilation[axis]?) - 1);
        Some([most(0)?, most(1)?])
    }
}

/// What is wrong with the output padding of a transposed convolution.
fn long_output_padding(conv: &Conv) -> Option<String> {
    let (given, most) = (conv.output_padding.values(), conv.most_output_padding()?);
    let axis = (0..2).find(|&axis| given[axis].is_some_and(|given| given > most[axis]))?;
    let (more, most) = (given[axis]?, most[axis]);
    let way = if most == 0 { "leave it out".to_owned() } else { format!("write output_pad{most} or less") };
    Some(format!(
        "an output padding of {more} must be less than the stride or the dilation, at most {most} here; {way}"
    ))
}

/// What is wrong with the padding of a pool that differs between opposite sides.
fn uneven_padding(window: &Window) -> Option<(TokenStream, String)> {
    let Padding::Sides(sides) = &window.padding else {
        return None;
    };
    let (rows, columns) = (&sides.top, &sides.left);
    if rows.text == sides.bottom.text && columns.text == sides.right.text {
        return None;
    }
    let message = format!(
        "a pool is padded alike on opposite sides; write pad({rows}, {columns}), or zero_pad({}, {}, {}, {}) before it",
        sides.top, sides.left, sides.bottom, sides.right
    );
    Some((sides.tokens.clone(), message))
}

/// What is wrong with the padding of a pool: a window must not lie in the padding alone, so it is at most half of it.
fn thick_padding(window: &Window) -> Option<(TokenStream, String)> {
    let Padding::Zeros(pad) = &window.padding else {
        return None;
    };
    let (pads, extents) = (pad.values(), window.extents());
    let too_thick =
        (0..2).find(|&axis| matches!((pads[axis], extents[axis]), (Some(pad), Some(extent)) if pad > extent / 2))?;
    let (pad_size, extent) = (pads[too_thick]?, extents[too_thick]?);
    let most = extent / 2;
    let way = if most == 0 { "leave it out".to_owned() } else { format!("write pad{most} or less") };
    let message = format!("a padding of {pad_size} is more than half of the kernel, which spans {extent}; {way}");
    Some((pad.tokens.clone(), message))
}
