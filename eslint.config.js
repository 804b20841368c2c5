import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

const tests = ['**/*.test.ts', '**/*.spec.ts', '**/*.child.ts', '**/testing/**', 'test/**'];

// Warnings do not exist: a rule is an error or off. An exception gives its reason on the line, after `--`.
export default ts.config(
  { ignores: ['**/node_modules/', '**/build/', '**/.svelte-kit/', '**/coverage/', '.data/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      // the compiler knows every name
      'no-undef': 'off',
      eqeqeq: ['error', 'always'],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // what is made here is closures, which need no `this`
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-base-to-string': [
        'error',
        { ignoredTypeNames: ['Error', 'URL', 'URLSearchParams', 'YText', 'YXmlFragment', 'YXmlElement', 'YXmlText'] },
      ],
      // a port is asynchronous even where one of its makers has nothing to wait for
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': 'allow-with-description', minimumDescriptionLength: 10 },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'svelte/reactivity',
              importNames: ['createSubscriber'],
              message: 'Bridges between the core and runes live in web/src/lib/reactive.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['web/src/lib/reactive/**'],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: ['server/src/**/*.ts'],
    ignores: ['server/src/main.ts', ...tests],
    rules: {
      'no-restricted-globals': ['error', { name: 'process', message: 'Only server/src/main.ts touches the process.' }],
    },
  },
  {
    files: tests,
    rules: {
      // what a test gets back from outside is looked at, not trusted
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser },
    },
    rules: {
      // the linter does not know what a component's import is; svelte-check does
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      // it takes the reason of an exception, which the house asks for, for more exceptions
      'svelte/no-unused-svelte-ignore': 'off',
      // props are declared with `let`, as Svelte does
      'prefer-const': 'off',
      'svelte/prefer-const': 'error',
      // the workspace is served from the root of its origin
      'svelte/no-navigation-without-resolve': 'off',
      // bridges keep plain Maps and Dates and say themselves when they changed (createSubscriber)
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
);
