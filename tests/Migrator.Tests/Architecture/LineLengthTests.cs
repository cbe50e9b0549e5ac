using Xunit;

namespace Migrator.Tests.Architecture;

/// <summary>CSharpier breaks code at this column, but neither literals nor raw strings: those are for anyone who writes them.</summary>
public sealed class LineLengthTests
{
    private const int MaxColumns = 140;

    /// <summary>Screens as they are shown, 140 columns wide: a raw string, which is indented, cannot break their lines.</summary>
    private static readonly string[] s_exceptions =
    [
        "tests/Migrator.Tests/Output/JobFrameTests.cs",
        "tests/Migrator.Tests/Output/JobSummaryTests.cs",
    ];

    [Fact]
    public void No_line_of_code_is_longer_than_140_columns() =>
        Assert.Empty(TooLong().Where(line => !s_exceptions.Contains(line.File)).Select(line => $"{line.File}:{line.Number}"));

    [Fact]
    public void Every_exception_is_still_needed() => Assert.Empty(s_exceptions.Except(TooLong().Select(line => line.File)));

    private static IEnumerable<(string File, int Number)> TooLong() =>
        from file in SourceFiles.All()
        from line in File.ReadLines(file.Path).Index()
        where line.Item.Length > MaxColumns
        select (file.Name, line.Index + 1);
}
