// What a machine can check of our styles; the taste stands in CONTRIBUTING.md.
export default {
  plugins: ["@stylistic/stylelint-plugin"],
  rules: {
    // One declaration a line where a rule is longer than 100 characters; a selector or a single value may take 160.
    "@stylistic/max-line-length": [100, { ignore: ["comments"], ignorePattern: "/^(?!.*;.*;).{0,160}$/" }],
    "@stylistic/indentation": 2,
    "block-no-empty": true,
    "color-no-invalid-hex": true,
    "declaration-block-no-duplicate-properties": [true, { ignore: ["consecutive-duplicates-with-different-values"] }],
    "declaration-block-single-line-max-declarations": 6,
    "declaration-block-no-shorthand-property-overrides": true,
    "font-family-no-duplicate-names": true,
    "function-no-unknown": true,
    "media-feature-name-no-unknown": true,
    "media-feature-name-value-allowed-list": {
      "max-width": ["480px", "600px", "700px", "800px", "860px", "900px", "1000px", "1200px", "1400px", "1500px", "1600px"],
      "min-width": ["701px", "901px", "1001px", "1201px"],
    },
    "no-duplicate-at-import-rules": true,
    "no-invalid-double-slash-comments": true,
    "property-no-unknown": true,
    "selector-disallowed-list": ["/\\[hidden\\]$/", "/\\[(action|href|src)/"],
    "selector-max-id": 2,
    "selector-pseudo-class-no-unknown": true,
    "selector-pseudo-element-no-unknown": true,
    "selector-type-no-unknown": [true, { ignore: ["custom-elements"] }],
    "unit-no-unknown": true,
    "color-no-hex": true,
  },
  overrides: [
    { files: ["static/css/tokens.css"], rules: { "color-no-hex": null } },
    { files: ["static/css/reset.css"], rules: { "selector-disallowed-list": null } },
  ],
};
