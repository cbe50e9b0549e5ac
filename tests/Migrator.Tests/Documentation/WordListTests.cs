using System.Text.RegularExpressions;
using Migrator.Tests.Telemetry;
using Xunit;

namespace Migrator.Tests.Documentation;

/// <summary>What users read says things in plain technical English: string literals and pages of the programs, documentation, and the
/// comments of samples.</summary>
public sealed partial class WordListTests
{
    private static readonly string s_root = Path.GetDirectoryName(Docs.Path("."))!;

    [Fact]
    public void No_text_that_users_read_has_a_word_of_the_list()
    {
        var found =
            from text in Code().Concat(Pages()).Concat(Markdown()).Concat(Samples())
            from word in UnusualWord.All
            where !(text.File == "docs/archive-format.md" && word.Instead == "byte")
            from match in word.In(text.Text)
            select $"{text.File}:{text.Line + Lines(text.Text[..match.Index])}: \"{match.Value}\"; write: {word.Instead}";
        var lines = found.Distinct().ToList();
        Assert.True(lines.Count == 0, string.Join('\n', lines));
    }

    [Theory]
    [InlineData("var x = \"the octet\";", "the octet")]
    [InlineData("var x = \"a \\\"b\\\" c\";", "a \"b\" c")]
    [InlineData("var x = @\"a \"\"b\"\" \\\";", "a \"b\" \\")]
    [InlineData("var x = $\"a {b(\"c\"):N0} {{d}}\";", "c", "a {} {d}")]
    [InlineData("var x = $\"a {(b ? $\"c {d}\" : \"e\")} f\";", "c {}", "e", "a {} f")]
    [InlineData("var x = \"\"\"a \"b\" {c}\"\"\";", "a \"b\" {c}")]
    [InlineData("var x = $$\"\"\"a {b} {{c}} {{{d}}}\"\"\";", "a {b} {} {{}}")]
    [InlineData("// \"no\"\n/* \"no\" */ var x = '\"'; var y = '\\''; var z = \"yes\";", "yes")]
    public void Literals_of_every_kind_are_read(string code, params string[] literals) =>
        Assert.Equal(literals, CSharpLiterals.Of(code).Select(literal => literal.Text));

    [Theory]
    [InlineData("It is on record.", "on record")]
    [InlineData("Whoever reads it is told.", "Whoever", "told")]
    [InlineData("There is no archive; it is no longer there.")]
    [InlineData("It is no archive.", "is no ")]
    [InlineData("It counts what US users deleted by mistake.")]
    [InlineData("The password that we need stands here.", "stands", "we")]
    public void The_list_finds_words_where_they_are_meant(string text, params string[] words) =>
        Assert.Equal(
            words.Order(StringComparer.Ordinal),
            UnusualWord.All.SelectMany(word => word.In(text)).Select(match => match.Value).Order(StringComparer.Ordinal)
        );

    private static IEnumerable<(string File, int Line, string Text)> Code() =>
        from file in Files("src", "*.cs", SearchOption.AllDirectories)
        from literal in CSharpLiterals.Of(Read(file))
        where Prose().IsMatch(literal.Text)
        select (file, literal.Line, literal.Text);

    /// <summary>The texts between tags, and in quotes.</summary>
    private static IEnumerable<(string File, int Line, string Text)> Pages() =>
        from file in Files("src", "*.razor", SearchOption.AllDirectories)
        let page = Comment().Replace(Read(file), "")
        from match in PageText().Matches(page)
        where Prose().IsMatch(match.Value)
        select (file, 1 + Lines(page[..match.Index]), match.Value);

    private static IEnumerable<(string File, int Line, string Text)> Markdown() =>
        from file in Files("", "*.md", SearchOption.TopDirectoryOnly).Concat(Files("docs", "*.md", SearchOption.AllDirectories))
        let page = Fence().Replace(Read(file), fence => new string('\n', Lines(fence.Value)))
        from line in page.Split('\n').Select((content, index) => (Number: index + 1, Content: content))
        // The old names in the change log are those that were renamed.
        let text = file == "CHANGELOG.md" ? SecondCell().Replace(line.Content, "$1|") : line.Content
        select (file, line.Number, LinkTarget().Replace(Span().Replace(text, "``"), "]"));

    private static IEnumerable<(string File, int Line, string Text)> Samples() =>
        from file in Files("jobs", "*.json", SearchOption.AllDirectories)
            .Concat(Files("appsettings", "*.json", SearchOption.AllDirectories))
        select (file, 1, Read(file));

    private static IEnumerable<string> Files(string folder, string pattern, SearchOption depth) =>
        Directory
            .EnumerateFiles(Path.Combine(s_root, folder), pattern, depth)
            .Select(file => Path.GetRelativePath(s_root, file))
            .Where(file => !Built().IsMatch(file))
            .Order(StringComparer.Ordinal);

    private static string Read(string file) => File.ReadAllText(Path.Combine(s_root, file));

    private static int Lines(string text) => text.Count(letter => letter == '\n');

    [GeneratedRegex("(^|/)(bin|obj)/")]
    private static partial Regex Built();

    /// <summary>More than a name, or a label of one word.</summary>
    [GeneratedRegex("""^[A-Z][a-z]+$|[A-Za-z,.;:] [A-Za-z{("]|^ [A-Za-z]|[A-Za-z] $""")]
    private static partial Regex Prose();

    [GeneratedRegex(@"^[ \t]*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex("""(?<=")[^"\r\n]*(?=")|(?<=>)[^<>"]*(?=<)""")]
    private static partial Regex PageText();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"`[^`\n]*`")]
    private static partial Regex Span();

    [GeneratedRegex(@"\]\([^)\s]*\)")]
    private static partial Regex LinkTarget();

    [GeneratedRegex(@"^(\|[^|]*\|)[^|]*\|")]
    private static partial Regex SecondCell();
}
