//! The few forms of Protocol Buffers that extracts and tiles are written in.

/// Kinds of a field.
const VARINT: u64 = 0;
const BYTES: u64 = 2;

/// A number with a sign, small near zero on both sides.
pub(crate) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// A number in groups of seven bits, the lowest first.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            out.push(low & 0x7f);
            return;
        }
        out.push(low | 0x80);
    }
}

/// A field that holds a number.
pub(crate) fn put_number(out: &mut Vec<u8>, field: u64, value: u64) {
    put_varint(out, field << 3 | VARINT);
    put_varint(out, value);
}

/// A field that holds bytes: a text, a message, packed numbers.
pub(crate) fn put_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put_varint(out, field << 3 | BYTES);
    put_varint(out, u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    out.extend_from_slice(bytes);
}

/// A field that holds numbers; nothing if there are none.
pub(crate) fn put_packed(out: &mut Vec<u8>, field: u64, values: Vec<u64>) {
    if values.is_empty() {
        return;
    }
    let mut packed = Vec::new();
    for value in values {
        put_varint(&mut packed, value);
    }
    put_bytes(out, field, &packed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_as_few_bytes_as_they_need() {
        for (value, bytes) in [
            (0, vec![0]),
            (127, vec![0x7f]),
            (128, vec![0x80, 1]),
            (300, vec![0xac, 2]),
            (u64::MAX, [vec![0xff; 9], vec![1]].concat()),
        ] {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            assert_eq!(out, bytes, "{value}");
        }
    }

    #[test]
    fn numbers_near_zero_stay_small_on_both_sides() {
        let small: Vec<u64> = [0, -1, 1, -2, i64::MAX, i64::MIN].map(zigzag).into();
        assert_eq!(small, [0, 1, 2, 3, u64::MAX - 1, u64::MAX]);
    }

    #[test]
    fn a_field_says_its_number_and_kind() {
        let mut out = Vec::new();
        put_number(&mut out, 5, 1);
        put_bytes(&mut out, 1, b"ab");
        put_packed(&mut out, 4, vec![1, 200]);
        put_packed(&mut out, 4, Vec::new());
        assert_eq!(out, [0x28, 1, 0x0a, 2, b'a', b'b', 0x22, 3, 1, 0xc8, 1]);
    }
}
