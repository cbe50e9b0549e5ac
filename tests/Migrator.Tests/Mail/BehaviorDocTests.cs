using System.Reflection;
using Migrator.Tests.Telemetry;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>docs/behavior.md promises nothing that no test proves.</summary>
public sealed class BehaviorDocTests
{
    [Fact]
    public void Every_row_names_tests_that_exist()
    {
        var tests = typeof(BehaviorDocTests)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(method => method.GetCustomAttributes().Any(attribute => attribute is FactAttribute))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")
            .ToHashSet();
        var rows = File.ReadLines(Docs.Path("behavior.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| case", StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split(" | "))
            .ToList();

        Assert.True(rows.Count > 20);
        Assert.All(rows, row => Assert.Equal(3, row.Length));
        Assert.All(
            rows.SelectMany(row => row[2].Split(',', StringSplitOptions.TrimEntries)),
            name => Assert.Contains(name.Trim('`'), tests)
        );
    }
}
