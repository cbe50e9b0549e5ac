using System.Text;
using System.Text.RegularExpressions;

namespace Migrator.Tests.Documentation;

/// <summary>The <c>console</c> blocks of a page: commands behind <c>$ </c>, and what they print. <c>…</c> is any text, or any
/// lines.</summary>
internal static partial class ConsolePage
{
    /// <param name="Command">With the lines of its here-document.</param>
    /// <param name="Shown">What it prints, as far as the page says.</param>
    public sealed record Step(string Command, IReadOnlyList<string> Shown);

    public static IReadOnlyList<Step> Read(string text)
    {
        var steps = new List<Step>();
        foreach (Match block in Block().Matches(text))
        {
            var (command, shown, end) = (new StringBuilder(), new List<string>(), (string?)null);
            foreach (var line in block.Groups[1].Value.TrimEnd('\n').Split('\n'))
            {
                if (end is not null)
                {
                    command.Append('\n').Append(line);
                    end = line == end ? null : end;
                }
                else if (line.StartsWith("$ ", StringComparison.Ordinal))
                {
                    Close();
                    command.Append(line.AsSpan(2));
                    end = HereDocument().Match(line) is { Success: true } here ? here.Groups[1].Value : null;
                }
                else
                {
                    shown.Add(line);
                }
            }
            Close();

            void Close()
            {
                if (command.Length > 0)
                    steps.Add(new Step(command.ToString(), [.. shown]));
                command.Clear();
                shown.Clear();
            }
        }
        return steps;
    }

    /// <returns>The first line of <paramref name="shown"/> that is not in the output, behind those before it; null where all are.</returns>
    public static string? Missing(IReadOnlyList<string> shown, string output)
    {
        var lines = new Queue<string>(output.Split('\n'));
        foreach (var line in shown.Where(line => line != "…"))
        {
            var pattern = $"^{string.Join(".*", line.Split('…').Select(Regex.Escape))}$";
            // Between what the page shows, there may be more.
            var isThere = false;
            while (!isThere && lines.TryDequeue(out var printed))
                isThere = Regex.IsMatch(printed.TrimEnd(), pattern);
            if (!isThere)
                return line;
        }
        return null;
    }

    [GeneratedRegex(@"^```console\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"<<'?(\w+)'?")]
    private static partial Regex HereDocument();
}
