using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Migrator.Core.Mail;

namespace Migrator.Core.Jobs;

/// <summary>Reads a job file: JSON with comments and trailing commas, in the shape of jobs/job.schema.json.</summary>
public static partial class JobFile
{
    private static readonly JsonDocumentOptions s_options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static readonly Dictionary<string, bool> s_kinds = new() { ["migrate"] = false, ["backup"] = true };

    private static readonly Dictionary<string, SpecialUseRule> s_specialUse = new() { ["match"] = SpecialUseRule.Match, ["name"] = SpecialUseRule.Name };

    /// <param name="path">Its name without ending names the job where the file does not; relative paths in it start from
    /// its directory.</param>
    /// <exception cref="JobFileException">The file cannot be read, or has mistakes.</exception>
    public static Job Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new JobFileException(path, [new JobFileError("$", $"the file cannot be read: {exception.Message}")]);
        }
    }

    /// <exception cref="JobFileException">The text has mistakes.</exception>
    public static Job Parse(string text, string path)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        var errors = new List<JobFileError>();
        try
        {
            var lines = new JsonLines(octets);
            using var document = JsonDocument.Parse(octets, s_options);
            var job = ReadJob(new JsonReading(document.RootElement, "$", errors), path);
            return errors.Count == 0 ? job! : throw new JobFileException(path, [.. errors.Select(error => error with { Line = lines.Of(error.Path) })]);
        }
        catch (JsonException exception)
        {
            var line = (int)exception.LineNumber.GetValueOrDefault() + 1;
            throw new JobFileException(path, [new JobFileError("$", $"line {line}, column {exception.BytePositionInLine + 1}: this is not JSON: {Sentence(exception.Message)}", line)]);
        }
    }

    /// <summary>Reads a number of octets such as <c>256 MiB</c>.</summary>
    public static long? ParseSize(string text)
    {
        if (Size().Match(text) is not { Success: true } match || !double.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var number))
            return null;
        var octets = number * (match.Groups[2].Value.ToUpperInvariant() switch { "" or "B" => 1, "KIB" => 1 << 10, "MIB" => 1 << 20, _ => 1 << 30 });
        return octets < long.MaxValue ? (long)octets : null;
    }

    /// <returns>Null where the file had mistakes.</returns>
    private static Job? ReadJob(JsonReading file, string path)
    {
        file.Text("$schema");
        var name = file.Text("name") ?? Path.GetFileNameWithoutExtension(path);
        var backup = file.Choice("kind", s_kinds) ?? false;
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var source = ServerReading.Read(file.Object("source", "say where mail comes from: host, user and password."), directory);
        var target = backup ? null : ServerReading.Read(file.Object("target", "say where mail goes: host, user and password."), directory);
        var archive = backup ? ArchiveReading.Read(file.Object("archive", "say where mail is kept: location, and a key where it is encrypted."), directory) : null;
        // Known for both kinds, so that the error says what is the matter instead of taking it for a misspelling.
        if (file.Has(backup ? "target" : "archive"))
            file.Wrong(file.At(backup ? "target" : "archive"), backup ? "does not belong to kind \"backup\", which has an \"archive\"." : "belongs to kind \"backup\"; say so, or give a \"target\".");
        var folders = ReadFolders(file.Object("folders"));
        var connections = file.Number("connections", 1, 16) ?? RunOptions.Default.Connections;
        var spoolLimit = ReadSpoolLimit(file);
        var removal = new Removal(file.Number("deleteAtSourceAfterDays", 0, 3650));
        file.NothingElse();
        if (source is null)
            return null;
        if (removal.AfterDays is not null && source.Protocol != MailProtocol.Pop3)
            file.Wrong(file.At("deleteAtSourceAfterDays"), "is for POP3 only: at an IMAP server nothing is ever deleted.");
        var options = new RunOptions(connections, spoolLimit);
        if (backup)
            return archive is null ? null : new BackupJob(name, source, archive, folders, options, removal);
        if (target is null)
            return null;
        if (target.Protocol == MailProtocol.Pop3)
            file.Wrong("$.target.protocol", "is \"pop3\", which can only be read from; mail goes to an \"imap\" server.");
        if (source.Account == target.Account)
            file.Wrong(file.At("target"), "is the same account as $.source.");
        return new MigrateJob(name, source, target, folders, options, removal);
    }

    private static FolderRules ReadFolders(JsonReading? folders)
    {
        if (folders is null)
            return FolderRules.All;
        var (include, exclude) = (folders.Texts("include"), folders.Texts("exclude"));
        var rename = new Dictionary<string, string>();
        if (folders.Object("rename") is { } map)
        {
            foreach (var from in map.Names)
            {
                if (map.Text(from) is { } to && IsPath(map, from, from) && IsPath(map, from, to))
                    rename[from] = to;
            }
        }
        var specialUse = folders.Choice("specialUse", s_specialUse) ?? SpecialUseRule.Match;
        folders.NothingElse();
        return new FolderRules(include, exclude, rename, specialUse);
    }

    private static bool IsPath(JsonReading map, string key, string path)
    {
        try
        {
            FolderPath.Parse(path);
            return true;
        }
        catch (FormatException exception)
        {
            map.Wrong(map.At(key), exception.Message);
            return false;
        }
    }

    private static long ReadSpoolLimit(JsonReading file)
    {
        if (file.Text("spoolLimit") is not { } text)
            return RunOptions.Default.SpoolLimit;
        if (ParseSize(text) is { } size and >= 1 << 20)
            return size;
        file.Wrong(file.At("spoolLimit"), $"is \"{text}\"; write a size such as \"256 MiB\" or \"2 GiB\", at least \"1 MiB\".");
        return 0;
    }

    // The reader appends the position, which stands before it already. And it repeats a word that lacks its quotes: that
    // may be a password.
    private static string Sentence(string message) => message.Contains("literal", StringComparison.Ordinal)
        ? "text must stand in double quotes." : message.Split(" LineNumber:")[0].Split(" Path:")[0];

    [GeneratedRegex(@"^\s*([0-9]{1,12}(?:\.[0-9]+)?)\s*([Bb]?|[KkMmGg][Ii][Bb])\s*$")]
    private static partial Regex Size();
}
