import unittest

from agent import carry_out


class CarryOut(unittest.TestCase):
    def test_counts_words_and_finds_the_longest(self):
        output = carry_out({"text": "three small words"}, lambda *_: None)
        self.assertEqual(output, {"words": 3, "longest": "three"})

    def test_fails_for_a_text_without_words(self):
        with self.assertRaises(ValueError):
            carry_out({"text": "  "}, lambda *_: None)


if __name__ == "__main__":
    unittest.main()
