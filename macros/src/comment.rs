//! Comments as Python has them: `# activation`.

use proc_macro2::Punct;
use syn::parse::ParseStream;
use syn::{Token, token};

use crate::error::Mistakes;

/// Whether a `#` stands here that begins no attribute.
pub(crate) fn is_comment(input: ParseStream) -> bool {
    input.peek(Token![#]) && !input.peek2(token::Bracket) && !input.peek2(Token![!])
}

/// Passes over the `#` of a comment, if one stands here, and notes the mistake. Where the line ends cannot be seen.
pub(crate) fn comment(input: ParseStream, mistakes: &mut Mistakes) -> bool {
    if !is_comment(input) {
        return false;
    }
    if let Ok(sign) = input.parse::<Punct>() {
        mistakes.add(sign, "a comment is written `// …`, not `# …`");
    }
    true
}
