using System.Text.RegularExpressions;
using Xunit;

namespace Migrator.Tests.Architecture;

/// <summary>A type is found by its name, in the file of that name. Small closed families stay together: an enumeration with its
/// extensions, and types that derive from one of them, or all from the same.</summary>
public sealed partial class TypesPerFileTests
{
    [Fact]
    public void A_file_declares_one_type_or_a_closed_family()
    {
        var files = SourceFiles.All().ToList();

        Assert.NotEmpty(files);
        Assert.Empty(files.Where(file => !IsFamily(Declaration().Matches(File.ReadAllText(file.Path)).ToList())).Select(file => file.Name));
    }

    [Theory]
    [InlineData(true, "public sealed class One;")]
    [InlineData(true, "public enum Colour { Red }\n\ninternal static class Colours { }")]
    [InlineData(true, "public abstract record Shape(int Area);\n\npublic sealed record Circle(int Radius) : Shape(3);")]
    [InlineData(true, "public sealed class One<T>(\n    int a\n) : Both { }\n\npublic sealed class Other : Both, IDisposable { }")]
    [InlineData(true, "public class A;\n\npublic class B : A;\n\npublic class C : B;")]
    [InlineData(false, "public sealed class One;\n\npublic sealed record Other(One One);")]
    [InlineData(false, "public enum Colour { Red }\n\ninternal static class Shapes { }")]
    [InlineData(false, "public sealed class One : IDisposable { }\n\npublic sealed class Other { }")]
    public void Families_are_told_from_types_that_only_share_a_file(bool family, string code) =>
        Assert.Equal(family, IsFamily(Declaration().Matches(code).ToList()));

    private static bool IsFamily(IReadOnlyList<Match> types)
    {
        if (types.Count < 2)
            return true;
        if (types is [var one, var other] && (IsExtended(one, by: other) || IsExtended(other, by: one)))
            return true;
        var names = types.Select(type => type.Groups["name"].Value).ToHashSet();
        var outside = types.Where(type => !names.Contains(Base(type))).ToList();
        return outside.Count == 1 || outside.All(type => Base(type).Length > 0 && Base(type) == Base(outside[0]));
    }

    private static string Base(Match type) => type.Groups["base"].Value;

    private static bool IsExtended(Match type, Match by) =>
        type.Groups["kind"].Value == "enum"
        && by.Value.Contains("static class", StringComparison.Ordinal)
        && by.Groups["name"].Value.StartsWith(type.Groups["name"].Value, StringComparison.Ordinal);

    // Types within others are indented.
    [GeneratedRegex(
        """
            ^(?:(?:public|internal|file|static|abstract|sealed|readonly|partial|ref)\ )*
            (?<kind>class|record\ struct|record|struct|interface|enum)\ (?<name>\w+)
            (?:<[^>]*>)?(?<parameters>\((?>[^()]+|\((?<open>)|\)(?<-open>))*(?(open)(?!))\))?
            (?:\s*:\s*(?<base>\w+))?
            """,
        RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace
    )]
    private static partial Regex Declaration();
}
