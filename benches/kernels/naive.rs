//! LeNet-5 out of the textbook loops: the same numbers as the crate's own, in time to be compared with.
//!
//! A dense layer is a convolution whose kernel covers the whole image, with the same weights in the same order.

use core::marker::PhantomData;

use shapewright::kernels::conv2d::Conv2dGeometry;
use shapewright::kernels::window::Window2d;
use shapewright::layer::{Backward, Forward};
use shapewright::{Element, Image, Init, Layer, Parameter, Shape, net, reference};

net! {
    pub(crate) Naive: Image<1, 28, 28> => Vector<10> =
        Conv1 >> relu >> Pool1 >> Conv2 >> relu >> Pool2 >> Dense1 >> relu >> Dense2 >> relu >> Dense3 >> flatten
}

pub(crate) type Conv1 = Conv<Image<6, 28, 28>, 5, 1, 2>;
pub(crate) type Conv2 = Conv<Image<16, 10, 10>, 5, 1, 0>;
pub(crate) type Dense1 = Conv<Image<120, 1, 1>, 5, 1, 0>;
type Dense2 = Conv<Image<84, 1, 1>, 1, 1, 0>;
type Dense3 = Conv<Image<10, 1, 1>, 1, 1, 0>;
pub(crate) type Strided = Conv<Image<25, 16, 16>, 3, 2, 1>;
pub(crate) type Pool1 = Pool<Image<6, 14, 14>>;
type Pool2 = Pool<Image<16, 5, 5>>;

/// A convolution to `Output` with kernel K×K, stride S and padding P.
#[derive(Clone, Copy, Default)]
pub(crate) struct Conv<Output, const K: usize, const S: usize, const P: usize>(PhantomData<Output>);

impl<const F: usize, const OH: usize, const OW: usize, const K: usize, const S: usize, const P: usize>
    Conv<Image<F, OH, OW>, K, S, P>
{
    const fn geometry([channels, rows, columns]: [usize; 3]) -> Conv2dGeometry {
        let input = [rows, columns];
        let (kernel, stride, padding, dilation, output) = ([K, K], [S, S], [P, P], [1, 1], [OH, OW]);
        let window = Window2d { channels, input, kernel, stride, padding, dilation, output };
        Conv2dGeometry { window, filters: F, groups: 1 }
    }
}

impl<
    const C: usize,
    const H: usize,
    const W: usize,
    const F: usize,
    const OH: usize,
    const OW: usize,
    const K: usize,
    const S: usize,
    const P: usize,
> Layer<Image<C, H, W>> for Conv<Image<F, OH, OW>, K, S, P>
where
    Image<C, H, W>: Shape,
    Image<F, OH, OW>: Shape,
{
    type Output = Image<F, OH, OW>;

    const PARAMS: usize = F * C * K * K + F;
    const MACS: usize = Self::geometry([C, H, W]).macs();

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let geometry = Self::geometry([C, H, W]);
        let (weight, bias) = pass.parameters.split_at(geometry.weight_len());
        for (x, y) in pass.x.chunks_exact(C * H * W).zip(pass.y.chunks_exact_mut(F * OH * OW)) {
            reference::conv2d(&geometry, weight, bias, x, y);
        }
    }

    fn backward<E: Element>(&self, mut pass: Backward<'_, E>) {
        let geometry = Self::geometry([C, H, W]);
        let (weight, _) = pass.parameters.split_at(geometry.weight_len());
        let (d_weight, d_bias) = pass.gradients.split_at_mut(geometry.weight_len());
        for (sample, (x, dy)) in pass.x.chunks_exact(C * H * W).zip(pass.dy.chunks_exact(F * OH * OW)).enumerate() {
            let dx = pass.dx.as_deref_mut().map(|dx| &mut dx[sample * C * H * W..][..C * H * W]);
            reference::conv2d_backward(&geometry, weight, x, dy, dx, d_weight, d_bias);
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let weight = Parameter { name: "weight", dims: vec![F, C, K, K], init: Init::HeNormal };
        vec![weight, Parameter { name: "bias", dims: vec![F], init: Init::Zeros }]
    }
}

/// A 2×2 max pool to `Output`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pool<Output>(PhantomData<Output>);

impl<const C: usize, const H: usize, const W: usize, const OH: usize, const OW: usize> Layer<Image<C, H, W>>
    for Pool<Image<C, OH, OW>>
where
    Image<C, H, W>: Shape,
    Image<C, OH, OW>: Shape,
{
    type Output = Image<C, OH, OW>;

    fn forward<E: Element>(&self, pass: Forward<'_, E>) {
        let window = Window2d::new(C, [H, W], [2, 2], [2, 2], [0, 0], [1, 1]).expect("the window fits");
        for (x, y) in pass.x.chunks_exact(C * H * W).zip(pass.y.chunks_exact_mut(C * OH * OW)) {
            reference::max_pool2d(&window, x, y);
        }
    }

    fn backward<E: Element>(&self, pass: Backward<'_, E>) {
        let window = Window2d::new(C, [H, W], [2, 2], [2, 2], [0, 0], [1, 1]).expect("the window fits");
        let Some(dx) = pass.dx else { return };
        let samples = pass.x.chunks_exact(C * H * W).zip(pass.dy.chunks_exact(C * OH * OW));
        for ((x, dy), dx) in samples.zip(dx.chunks_exact_mut(C * H * W)) {
            reference::max_pool2d_backward(&window, x, dy, dx);
        }
    }
}
