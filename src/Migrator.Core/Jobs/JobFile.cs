using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Redaction;

namespace Migrator.Core.Jobs;

/// <summary>Reads a job file: JSON with comments and trailing commas, in the shape of jobs/job.schema.json.</summary>
public static partial class JobFile
{
    /// <summary>The reader failed where it should have said what is wrong.</summary>
    public static ConfigurationError Fault(Exception exception) =>
        new(
            "$",
            $"cannot be read, because of an internal error in Migrator ({exception.GetType().Name}: "
                + $"{JsonObjectReader.Short(SecretRedactor.Redact(exception.Message))}). Please report it."
        );

    private static readonly JsonDocumentOptions s_options = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <param name="path">Its name without ending names the job where the file does not; relative paths in it start from
    /// its directory.</param>
    /// <exception cref="ConfigurationException">The file cannot be read, or has mistakes.</exception>
    public static JobDefinition Read(string path) => Parse(ReadText(path), path);

    /// <param name="root">The directory in which it was found; null for a file that somebody named.</param>
    /// <exception cref="ConfigurationException">The file cannot be read.</exception>
    public static string ReadText(string path, string? root = null)
    {
        try
        {
            var text = InputFile.ReadText(path, InputFile.MostOfJobs, Encoding.UTF8, root);
            // Else names would be read wrong: the user that is looked for, the file that holds a password.
            return !text.Contains('\uFFFD')
                ? text
                : throw new ConfigurationException(
                    path,
                    [
                        new ConfigurationError(
                            "$",
                            "the file is not UTF-8; save it as that.",
                            text.AsSpan(0, text.IndexOf('\uFFFD')).Count('\n') + 1
                        ),
                    ]
                );
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(path, [new ConfigurationError("$", $"the file cannot be read: {exception.Message}")]);
        }
    }

    /// <exception cref="ConfigurationException">The text has mistakes.</exception>
    public static JobDefinition Parse(string text, string path)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var errors = new List<ConfigurationError>();
        try
        {
            var lines = new JsonLineMap(bytes);
            using var document = JsonDocument.Parse(bytes, s_options);
            var job = ReadDefinition(new JsonObjectReader(document.RootElement, "$", errors), document.RootElement, path, lines, errors);
            return errors.Count == 0
                ? SharedMailboxes.Refuse([job!])[0]
                : throw new ConfigurationException(path, [.. errors.Select(error => error with { Line = lines.Of(error.Path) })]);
        }
        catch (JsonException exception)
        {
            var line = (int)exception.LineNumber.GetValueOrDefault() + 1;
            throw new ConfigurationException(
                path,
                [
                    new ConfigurationError(
                        "$",
                        $"line {line}, column {exception.BytePositionInLine + 1}: this is not JSON: {Sentence(exception.Message)}",
                        line
                    ),
                ]
            );
        }
    }

    /// <summary>Says on which lines of a job file mistakes stand that were found after it was read.</summary>
    public static IReadOnlyList<ConfigurationError> Located(string text, IReadOnlyList<ConfigurationError> errors)
    {
        try
        {
            var lines = new JsonLineMap(Encoding.UTF8.GetBytes(text));
            return [.. errors.Select(error => error with { Line = lines.Of(error.Path) })];
        }
        catch (JsonException)
        {
            return errors;
        }
    }

    /// <summary>Reads a number of octets such as <c>256 MiB</c>.</summary>
    public static long? ParseSize(string text)
    {
        if (
            Size().Match(text) is not { Success: true } match
            || !double.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var number)
        )
            return null;
        var bytes =
            number
            * (
                match.Groups[2].Value.ToUpperInvariant() switch
                {
                    "" or "B" => 1,
                    "KIB" => 1 << 10,
                    "MIB" => 1 << 20,
                    _ => 1 << 30,
                }
            );
        return bytes < long.MaxValue ? (long)bytes : null;
    }

    /// <returns>Null where the file had mistakes.</returns>
    private static JobDefinition? ReadDefinition(
        JsonObjectReader file,
        JsonElement root,
        string path,
        JsonLineMap lines,
        List<ConfigurationError> errors
    )
    {
        var (fullPath, directory) = (Path.GetFullPath(path), Path.GetDirectoryName(Path.GetFullPath(path))!);
        file.Text("$schema");
        var name = file.Text("name") ?? Path.GetFileNameWithoutExtension(path);
        // It may be told in a line of a log, and stands in databases.
        if (name.Length > 255 || name.Any(char.IsControl))
            file.Wrong(file.At("name"), "must be at most 255 characters, and none of them a control character.");
        var schedule = ScheduleParser.Read(file.Object("schedule"));
        var policy = ReadPolicy(file);
        var notify = NotifyRuleParser.Read(file.Object("notify"), directory);
        var upkeep = UpkeepParser.Read(file.Object("upkeep"));
        if (!file.Has("mailboxes"))
        {
            var job = JobParser.Read(file, name, directory);
            return job is null
                ? null
                : WithUpkeep(
                    new JobDefinition(
                        name,
                        fullPath,
                        [
                            new JobMailbox(
                                job.Source.User,
                                job.Folders.Include.Count == 0
                                    ? job
                                    : job with
                                    {
                                        Folders = job.Folders with { EveryIncludeMatches = true },
                                    }
                            )
                            {
                                Place = Path.GetFileName(path),
                            },
                        ],
                        [],
                        [],
                        schedule,
                        policy,
                        notify
                    ),
                    upkeep,
                    errors
                );
        }
        var list = file.IsObject ? MailboxList.Read(root.GetProperty("mailboxes"), path, lines, errors) : null;
        // Those in the list stop their own row only.
        var twice = JsonObjectReader.Twice(root, "$").Where(path => !path.StartsWith("$.mailboxes[", StringComparison.Ordinal)).ToList();
        errors.AddRange(
            twice
                .Where(path => !errors.Exists(error => error.Path == path))
                .Select(path => new ConfigurationError(path, JsonObjectReader.StandsTwice))
        );
        if (list is null || twice.Count > 0)
            return null;
        var (mailboxes, bad) = new JobTemplate(root, name, directory, file.Asked).Fill(list, errors);
        return WithUpkeep(new JobDefinition(name, fullPath, mailboxes, bad, list.Files, schedule, policy, notify), upkeep, errors);
    }

    private static JobDefinition WithUpkeep(JobDefinition job, UpkeepRules? upkeep, List<ConfigurationError> errors)
    {
        if (upkeep is null)
            return job;
        if (job.Mailboxes.Count > 0 && !job.Mailboxes.Any(mailbox => mailbox.Job is BackupJob))
            errors.Add(new ConfigurationError("$.upkeep", "is for kind \"backup\": this job has no archive."));
        return job with
        {
            Upkeep = upkeep,
            Mailboxes =
            [
                .. job.Mailboxes.Select(mailbox =>
                    mailbox.Job is BackupJob backup ? mailbox with { Job = backup with { Shrunk = upkeep.Shrunk } } : mailbox
                ),
            ],
        };
    }

    private static RetryPolicy ReadPolicy(JsonObjectReader file) =>
        new(
            file.Number("maxConcurrency", 1, 1000),
            file.Number("maxAttempts", 1, 20) ?? RetryPolicy.Default.MaxAttempts,
            file.Duration("initialRetryDelay", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)) ?? RetryPolicy.Default.InitialRetryDelay,
            file.Duration("overdueAfter", TimeSpan.FromMinutes(1), TimeSpan.FromDays(366))
        );

    // The reader appends the position, which stands before it already. And it repeats a word that lacks its quotes: that
    // may be a password.
    private static string Sentence(string message) =>
        message.Contains("literal", StringComparison.Ordinal)
            ? "text must be in double quotes."
            : message.Split(" LineNumber:")[0].Split(" Path:")[0];

    [GeneratedRegex(@"^\s*([0-9]{1,12}(?:\.[0-9]+)?)\s*([Bb]?|[KkMmGg][Ii][Bb])\s*$")]
    private static partial Regex Size();
}
