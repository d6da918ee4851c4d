//! Where a window moves: the sizes of a convolution or pooling, calculated once.

/// The sizes of a window that slides over the channels of an image; pairs are (rows, columns).
///
/// `padding` is what lies above and to the left; what lies below and to the right follows from `output`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window2d {
    /// Input channels.
    pub channels: usize,
    /// Input rows and columns.
    pub input: [usize; 2],
    /// Taps.
    pub kernel: [usize; 2],
    /// Distance between two positions of the window.
    pub stride: [usize; 2],
    /// Padding above and to the left.
    pub padding: [usize; 2],
    /// Distance between two taps.
    pub dilation: [usize; 2],
    /// Output rows and columns.
    pub output: [usize; 2],
}

impl Window2d {
    /// A window with the same padding on both sides: output = (input + 2·padding − dilation·(kernel − 1) − 1) / stride
    /// + 1, or `None` where it does not fit.
    #[must_use]
    pub fn new(
        channels: usize,
        input: [usize; 2],
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 2],
        dilation: [usize; 2],
    ) -> Option<Self> {
        let output = |axis: usize| {
            let extent = dilation[axis] * kernel[axis].checked_sub(1)? + 1;
            Some((input[axis] + 2 * padding[axis]).checked_sub(extent)?.checked_div(stride[axis])? + 1)
        };
        let output = [output(0)?, output(1)?];
        Some(Self { channels, input, kernel, stride, padding, dilation, output })
    }

    /// Windows of `kernel` side by side, which cover the input or leave out a rest that is smaller than one of them.
    #[must_use]
    pub const fn tiles(channels: usize, input: [usize; 2], kernel: [usize; 2]) -> Self {
        let output = [input[0] / kernel[0], input[1] / kernel[1]];
        Self { channels, input, kernel, stride: kernel, padding: [0; 2], dilation: [1; 2], output }
    }

    /// Input values.
    #[must_use]
    pub const fn input_len(&self) -> usize {
        self.channels * self.pixels()
    }

    /// Input values of one channel.
    #[must_use]
    pub const fn pixels(&self) -> usize {
        self.input[0] * self.input[1]
    }

    /// Whether every position begins inside the image or the padding before it, so that less than a kernel lies behind.
    #[must_use]
    pub(crate) const fn begins_inside(&self) -> bool {
        let Self { input, stride, padding, output, .. } = self;
        (output[0] - 1) * stride[0] < padding[0] + input[0] && (output[1] - 1) * stride[1] < padding[1] + input[1]
    }

    /// Positions of the window.
    #[must_use]
    pub const fn positions(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// Taps of one channel.
    #[must_use]
    pub const fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }
}
