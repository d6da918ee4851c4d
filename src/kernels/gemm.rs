//! Matrix products, by `matrixmultiply`. The only module of the crate with `unsafe` in it.
#![allow(unsafe_code)]

/// A view of a matrix: element (i, j) is `values[i * row_stride + j * column_stride]`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, E> {
    values: &'a [E],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a, E> Matrix<'a, E> {
    /// `rows` × `columns` values, row by row, each row `pitch` values after the one before.
    ///
    /// # Panics
    ///
    /// If the last element lies outside of `values`.
    #[must_use]
    pub fn with_pitch(values: &'a [E], rows: usize, columns: usize, pitch: usize) -> Self {
        check(values.len(), rows, columns, pitch);
        Self { values, rows, columns, row_stride: pitch, column_stride: 1 }
    }

    /// `rows` × `columns` values, row by row.
    #[must_use]
    pub fn new(values: &'a [E], rows: usize, columns: usize) -> Self {
        Self::with_pitch(values, rows, columns, columns)
    }

    /// The transposed view of the same values.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

/// A matrix to write to, row by row, each row `pitch` values after the one before.
#[derive(Debug)]
pub struct MatrixMut<'a, E> {
    values: &'a mut [E],
    rows: usize,
    columns: usize,
    pitch: usize,
}

impl<'a, E> MatrixMut<'a, E> {
    /// `rows` × `columns` values, each row `pitch` values after the one before.
    ///
    /// # Panics
    ///
    /// If the last element lies outside of `values`, or rows overlap.
    #[must_use]
    pub fn with_pitch(values: &'a mut [E], rows: usize, columns: usize, pitch: usize) -> Self {
        check(values.len(), rows, columns, pitch);
        Self { values, rows, columns, pitch }
    }

    /// `rows` × `columns` values, row by row.
    #[must_use]
    pub fn new(values: &'a mut [E], rows: usize, columns: usize) -> Self {
        Self::with_pitch(values, rows, columns, columns)
    }
}

/// The invariant of both views, on which the products rely: every element lies within the values.
fn check(length: usize, rows: usize, columns: usize, pitch: usize) {
    assert!(pitch >= columns, "rows of {columns} overlap at a pitch of {pitch}");
    assert!(
        rows == 0 || (rows - 1) * pitch + columns <= length,
        "{rows} rows of {columns} at a pitch of {pitch} do not lie within {length} values"
    );
}

macro_rules! product {
    ($(#[$doc:meta])* $name:ident, $element:ty, $routine:path) => {
        $(#[$doc])*
        pub fn $name(a: Matrix<'_, $element>, b: Matrix<'_, $element>, beta: $element, c: MatrixMut<'_, $element>) {
            assert_eq!(
                (a.rows, a.columns, b.columns),
                (c.rows, b.rows, c.columns),
                "(rows, inner, columns) of the factors against those of the product"
            );
            // SAFETY: `check` has put every element of the three views within its slice, and the shapes agree. The
            // rows of `c` do not overlap (pitch >= columns), and `c` is borrowed mutably, so it aliases neither factor.
            unsafe {
                $routine(
                    a.rows,
                    a.columns,
                    b.columns,
                    1.0,
                    a.values.as_ptr(),
                    a.row_stride.cast_signed(),
                    a.column_stride.cast_signed(),
                    b.values.as_ptr(),
                    b.row_stride.cast_signed(),
                    b.column_stride.cast_signed(),
                    beta,
                    c.values.as_mut_ptr(),
                    c.pitch.cast_signed(),
                    1,
                );
            }
        }
    };
}

product! {
    /// c = a·b + beta·c in single precision.
    multiply_f32, f32, matrixmultiply::sgemm
}
product! {
    /// c = a·b + beta·c in double precision.
    multiply_f64, f64, matrixmultiply::dgemm
}

#[cfg(test)]
mod tests {
    use super::{Matrix, MatrixMut, multiply_f64};

    #[test]
    fn multiplies_a_transposed_view_into_pitched_rows() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]; // 3×2, taken as 2×3
        let b = [1.0, 0.0, 1.0, 1.0, 0.0, 2.0]; // 3×2
        let mut c = [9.0; 6]; // 2×2 at a pitch of 3
        multiply_f64(
            Matrix::new(&a, 3, 2).transposed(),
            Matrix::new(&b, 3, 2),
            0.0,
            MatrixMut::with_pitch(&mut c, 2, 2, 3),
        );
        assert_eq!(c, [4.0, 13.0, 9.0, 6.0, 16.0, 9.0]);
    }

    #[test]
    #[should_panic(expected = "2 rows of 3 at a pitch of 3 do not lie within 5 values")]
    fn refuses_a_view_beyond_its_values() {
        let _ = Matrix::new(&[0.0; 5], 2, 3);
    }
}
