using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Migrator.Tests.Telemetry;

/// <summary>A strict reader of the Prometheus text format: what it does not know is a fault.</summary>
internal sealed partial class PrometheusText
{
    public sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

    public sealed class Family
    {
        public string? Help { get; set; }

        public string? Type { get; set; }

        public List<Sample> Samples { get; } = [];
    }

    private PrometheusText(string text) => Text = text;

    public string Text { get; }

    public Dictionary<string, Family> Families { get; } = [];

    /// <summary>Those samples of a metric that have these labels.</summary>
    public IReadOnlyList<Sample> Of(string name, params (string Label, string Value)[] labels) =>
        [
            .. Families
                .Values.SelectMany(family => family.Samples)
                .Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Label) == label.Value)),
        ];

    public double Value(string name, params (string Label, string Value)[] labels) =>
        Of(name, labels) is [var only] ? only.Value : throw new InvalidDataException($"{name}: {Of(name, labels).Count} samples.\n{Text}");

    public static PrometheusText Parse(string text)
    {
        var parsed = new PrometheusText(text);
        var (family, name) = ((Family?)null, "");
        var series = new HashSet<string>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# EOF", StringComparison.Ordinal))
                continue;
            if (Comment().Match(line) is { Success: true } comment)
            {
                if (comment.Groups["name"].Value != name)
                {
                    name = comment.Groups["name"].Value;
                    if (!parsed.Families.TryAdd(name, family = new Family()))
                        throw new InvalidDataException($"{name} comes twice.");
                }
                switch (comment.Groups["what"].Value)
                {
                    case "HELP":
                        family!.Help = comment.Groups["text"].Value;
                        break;
                    case "TYPE":
                        family!.Type = comment.Groups["text"].Value is "counter" or "gauge" or "histogram" or "unknown"
                            ? comment.Groups["text"].Value
                            : throw new InvalidDataException(line);
                        break;
                }
                continue;
            }
            if (SampleLine().Match(line) is not { Success: true } sample || family?.Type is null)
                throw new InvalidDataException($"No line of this format: {line}");
            if (!Belongs(name, family.Type, sample.Groups["name"].Value))
                throw new InvalidDataException($"{sample.Groups["name"].Value} does not belong to {name}, a {family.Type}.");
            if (!series.Add(sample.Groups["series"].Value))
                throw new InvalidDataException($"The same series twice: {line}");
            family.Samples.Add(
                new Sample(sample.Groups["name"].Value, Labels(sample.Groups["labels"].Value), Number(sample.Groups["value"].Value))
            );
        }
        return parsed;
    }

    private static bool Belongs(string family, string type, string name) =>
        type == "histogram" ? name == $"{family}_bucket" || name == $"{family}_sum" || name == $"{family}_count" : name == family;

    private static Dictionary<string, string> Labels(string text)
    {
        var labels = new Dictionary<string, string>();
        var rest = text;
        while (rest.Length > 0)
        {
            if (
                Label().Match(rest) is not { Success: true } label
                || !labels.TryAdd(label.Groups["name"].Value, Unescape(label.Groups["value"].Value))
            )
                throw new InvalidDataException($"No labels: {text}");
            rest = rest[label.Length..];
        }
        return labels;
    }

    private static string Unescape(string text)
    {
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
            plain.Append(
                text[i] != '\\' ? text[i]
                : text[++i] == 'n' ? '\n'
                : text[i]
            );
        return plain.ToString();
    }

    private static double Number(string text) =>
        text switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
        };

    [GeneratedRegex(@"^# (?<what>HELP|TYPE|UNIT) (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<text>.*)$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^(?<series>(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>.*)\})?) (?<value>[0-9.eE+-]+|[+-]Inf|NaN)( [0-9.]+)?$")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""^(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\\n]|\\["\\n])*)"(,|$)""")]
    private static partial Regex Label();
}
