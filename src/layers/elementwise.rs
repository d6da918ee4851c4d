//! What elementwise layers have in common.

/// A layer that is an activation and nothing else: `$value` is the [`Activation`](crate::Activation) of `$this`.
macro_rules! activation_layer {
    ($layer:ty, |$this:ident| $value:expr) => {
        impl<S: $crate::Shape> $crate::Layer<S> for $layer {
            type Output = S;

            const HEAD: $crate::layer::Head = $crate::layer::Head::Whole;

            fn head(&self) -> $crate::Activation {
                let $this = self;
                $value
            }

            fn forward<E: $crate::Element>(&self, pass: $crate::layer::Forward<'_, E>) {
                pass.y.copy_from_slice(pass.x);
            }

            fn backward<E: $crate::Element>(&self, pass: $crate::layer::Backward<'_, E>) {
                if let Some(dx) = pass.dx {
                    dx.copy_from_slice(pass.dy);
                }
            }
        }
    };
    ($layer:ident) => {
        activation_layer!($layer, |_this| $crate::Activation::$layer);
    };
}

/// A layer that is a function of one value whose derivative cannot be told from its output.
macro_rules! function_layer {
    ($layer:ty) => {
        impl<S: $crate::Shape> $crate::Layer<S> for $layer {
            type Output = S;

            fn forward<E: $crate::Element>(&self, pass: $crate::layer::Forward<'_, E>) {
                $crate::kernels::elementwise::map($crate::kernels::simd::Level::best(), *self, pass.x, pass.y);
            }

            fn backward<E: $crate::Element>(&self, pass: $crate::layer::Backward<'_, E>) {
                let Some(dx) = pass.dx else { return };
                let level = $crate::kernels::simd::Level::best();
                $crate::kernels::elementwise::map_gradient(level, *self, pass.x, pass.dy, dx);
            }
        }
    };
}

pub(super) use {activation_layer, function_layer};
