// mistakes: 1
use shapewright::prelude::*;

fn main() {
    let _ = net!(Vector<8> => fc: dense(8) >> relu >> fc: dense(4));
}
