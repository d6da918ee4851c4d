//! `net!` needs nothing of its surroundings, and no name in them can clash with its own.

use shapewright::{Model, net};

/// The names of type parameters that macros like to take.
mod type_parameters {
    use super::{Model, net};

    net! {
        Left: Image<1, 4, 4> => Vector<3> = flatten >> dense(3);
        Right: Image<1, 4, 4> => Vector<3> = flatten >> dense(3, nobias);
        Siamese: Image<1, 4, 4> => Vector<6> = concat(Left | Right);
        I: Vector<6> => Vector<5> = dense(5);
        E: Vector<5> => Vector<4> = dense(4);
        P: Vector<4> => Vector<2> = dense(2);
        L: Image<1, 4, 4> => Vector<2> = Siamese >> I >> E >> P;
    }

    #[test]
    fn may_be_networks() {
        let params = (16 * 3 + 3) + 16 * 3 + (6 * 5 + 5) + (5 * 4 + 4) + (4 * 2 + 2);
        assert_eq!(L::PARAMS, params);
        assert_eq!(Model::new(net!(Image<1, 4, 4> => Siamese >> I >> E >> P), 1).parameters().len(), params);
        assert_eq!(Model::new(net!(Image<1, 4, 4> => { Left >> Tail }), 1).parameters().len(), 51 + 16);
    }

    net! { Tail: Vector<3> => Vector<4> = dense(4) }
}

/// Constants where a macro would bind a variable: there they would be patterns.
mod constants {
    #![allow(non_upper_case_globals, dead_code)]

    use super::{Model, net};

    const joints: usize = 1;
    const stage_0: usize = 2;
    const stage_1: usize = 3;
    const pass: usize = 4;
    const batch: usize = 5;
    const watch: usize = 6;
    const outline: usize = 7;
    const right: usize = 8;
    const prepared: usize = 9;
    const this: usize = 10;

    net! { Net: Vector<4> => Vector<3> = dense({ batch }) >> dropout({ 0.1 * pass as f64 }) >> dense(3) }

    #[test]
    fn are_no_patterns() {
        let net = net!(Vector<4> => dense({ batch }) >> dense({ stage_1 }));
        assert_eq!((Net::PARAMS, Model::new(net, 1).parameters().len()), (25 + 18, 25 + 18));
    }
}

/// Names of the prelude and of primitive types that are something else here, and none of the prelude's.
mod shadows {
    #![no_implicit_prelude]
    #![allow(non_camel_case_types, dead_code)]

    struct Option;
    struct Vec;
    struct String;
    struct Default;
    struct Clone;
    struct Image;
    struct Vector;
    struct Relu;
    struct Conv2d;
    struct Seq;
    struct usize;
    struct bool;
    struct f32;
    mod core {}
    mod std {}
    mod shapewright {}

    ::shapewright::net! {
        #[budget(params <= 300)]
        #[exact]
        pub(super) Net: Image<1, 8, 8> => Vector<4> =
            conv(3, k3) >> relu >> dropout(0.1) >> repeat(2, residual(conv(3, k1) >> relu)) >> out: (pool2 >> flatten >> dense(4))
    }

    pub(super) fn parameters() -> ::std::primitive::usize {
        ::shapewright::Model::new(::shapewright::net!(Image<1, 8, 8> => Net >> dense(2)), 1).parameters().len()
    }
}

#[test]
fn shadowed_names_are_not_taken() {
    let params = 30 + 2 * 12 + 27 * 4 + 4;
    assert_eq!((shadows::Net::PARAMS, shadows::parameters()), (params, params + 10));
    assert!(shadows::Net::diagram().contains("Conv2d") && !shadows::Net::summary().stages().is_empty());
}

/// A network from the words, the numbers and the names of a macro's user.
macro_rules! head {
    ($visibility:vis $name:ident: $shape:ty => $features:literal, $hidden:expr, $channels:tt, $($layers:tt)*) => {
        net! { $visibility $name: $shape => Vector<$features> =
            conv($channels, k3) >> $($layers)* >> flatten >> dense($hidden) >> relu >> dense($features) }
    };
}

#[test]
fn other_macros_may_write_networks() {
    const HIDDEN: usize = 5;
    head! { pub Ten: Image<1, 6, 6> => 10, HIDDEN, 2, relu >> pool2 }
    head! { Three: Image<1, 6, 6> => 3, 7, 2, relu }
    assert_eq!(Ten::PARAMS, 20 + 8 * 5 + 5 + 60);
    assert_eq!(Three::PARAMS, 20 + 32 * 7 + 7 + 24);
}

#[test]
fn networks_may_stand_in_functions_and_modules() {
    fn inner() -> usize {
        net! { Inner: Vector<2> => Vector<3> = dense(3) }
        Inner::PARAMS
    }
    mod module {
        shapewright::net! { pub(super) Inner: Vector<2> => Vector<5> = dense(5) }
    }
    assert_eq!((inner(), module::Inner::PARAMS), (9, 15));
}
