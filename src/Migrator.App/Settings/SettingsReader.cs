using System.Globalization;
using Microsoft.Extensions.Configuration;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;

namespace Migrator.App.Settings;

/// <summary>Reads a section of the settings, value by value, and collects what is wrong, so that all errors are reported together. A
/// value that is empty is one that is not given: <c>appsettings.json</c> shows settings so.</summary>
public sealed class SettingsReader
{
    private readonly IConfiguration _settings;
    private readonly string _path;
    private readonly List<ConfigurationError> _errors;

    /// <param name="settings">All of them.</param>
    /// <param name="section">Such as <c>Worker</c>; empty for the root.</param>
    public SettingsReader(IConfiguration settings, string section)
        : this(settings, section, []) { }

    private SettingsReader(IConfiguration settings, string section, List<ConfigurationError> errors) =>
        (_settings, _path, _errors) = (settings, section, errors);

    /// <summary>The section has values.</summary>
    public bool Exists => _settings.GetSection(_path).Exists();

    /// <summary>Names of the section's values and sections.</summary>
    public IEnumerable<string> Keys =>
        (_path.Length == 0 ? _settings : _settings.GetSection(_path)).GetChildren().Select(child => child.Key);

    /// <summary>A section within; its errors are among those of this one.</summary>
    public SettingsReader Section(string key) => new(_settings, Path(key), _errors);

    public void Wrong(string key, string message) => _errors.Add(new ConfigurationError(Path(key), message));

    /// <summary>A value of the section that nobody reads is mostly misspelt.</summary>
    public void RejectUnknown(params IEnumerable<string> known)
    {
        var names = known.ToList();
        foreach (var key in Keys.Where(key => !names.Contains(key, StringComparer.OrdinalIgnoreCase)))
            Wrong(key, RenamedNames.Hint(RenamedNames.Settings, key, names) ?? $"is not known; there are {string.Join(", ", names)}.");
    }

    /// <returns>Null where it is not given.</returns>
    public string? Text(string key) => _settings[Path(key)] is { Length: > 0 } text ? text : null;

    /// <summary>A whole number from 1 on.</summary>
    public int Number(string key, int standard, int most)
    {
        if (Text(key) is not { } text)
            return standard;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most)
            return number;
        Wrong(key, $"must be a whole number from 1 to {most}, not \"{text}\".");
        return standard;
    }

    public bool Flag(string key)
    {
        if (Text(key) is not { } text)
            return false;
        if (!bool.TryParse(text, out var flag))
            Wrong(key, $"must be true or false, not \"{text}\".");
        return flag;
    }

    /// <param name="words">What may be given, with what it means.</param>
    public T Word<T>(string key, T standard, IReadOnlyDictionary<string, T> words)
    {
        if (Text(key) is not { } text)
            return standard;
        if (words.TryGetValue(text, out var meaning))
            return meaning;
        Wrong(key, $"is \"{text}\"; use {Choice(words.Keys)}.");
        return standard;
    }

    /// <param name="standard">As it is written, such as <c>30m</c>.</param>
    /// <param name="least">Likewise.</param>
    /// <param name="most">Likewise; null for any.</param>
    public TimeSpan Duration(string key, string standard, string least, string? most)
    {
        var text = Text(key) ?? standard;
        if (Durations.Parse(text) is { } length && length >= Durations.Parse(least) && (most is null || length <= Durations.Parse(most)))
            return length;
        Wrong(
            key,
            $"must be a time such as \"{standard}\", "
                + $"{(most is null ? $"at least \"{least}\"" : $"from \"{least}\" to \"{most}\"")}, not \"{text}\"."
        );
        return TimeSpan.Zero;
    }

    /// <summary>A list; or, as the environment and the command line have it, one text, which counts before the list of a file.</summary>
    /// <param name="separator">In that text.</param>
    public IReadOnlyList<string> List(string key, char separator) =>
        Text(key) is { } text
            ? text.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            :
            [
                .. _settings
                    .GetSection(Path(key))
                    .GetChildren()
                    .Select(child => child.Value)
                    .OfType<string>()
                    .Where(value => value.Length > 0),
            ];

    /// <summary>Where a secret is; null where that is not given.</summary>
    /// <param name="what">Such as <c>password</c>.</param>
    public SecretReference? Secret(string key, string what) => Text(key) is { } text ? Secret(key, text, what) : null;

    /// <summary>Where several secrets are.</summary>
    public IReadOnlyList<SecretReference> Secrets(string key, char separator, string what) =>
        [.. List(key, separator).Select(text => Secret(key, text, what)).OfType<SecretReference>()];

    /// <returns>64 hexadecimal digits in lower case; null where it is not given.</returns>
    public string? Fingerprint(string key)
    {
        if (Text(key) is not { } text)
            return null;
        if (CertificateTrust.ParseFingerprint(text) is { } digits)
            return digits;
        Wrong(key, "must be \"sha256:\" and 64 hexadecimal digits.");
        return null;
    }

    /// <exception cref="ConfigurationException">There were errors: all of them.</exception>
    public void ThrowIfWrong()
    {
        if (_errors.Count > 0)
            throw new ConfigurationException("settings", _errors);
    }

    private SecretReference? Secret(string key, string text, string what)
    {
        if (SecretReference.Parse(text, Directory.GetCurrentDirectory()) is { Source: not SecretSource.Prompt } reference)
            return reference;
        Wrong(
            key,
            $"must say where the {what} is: \"env:NAME\", \"file:PATH\" or \"setting:NAME\", never the {what} itself (it is not "
                + "shown here)."
        );
        return null;
    }

    private string Path(string key) => _path.Length == 0 ? key : $"{_path}:{key}";

    private static string Choice(IEnumerable<string> words) =>
        words.Select(word => $"\"{word}\"").ToList() is [.. var some, var last] && some.Count > 0
            ? $"{string.Join(", ", some)} or {last}"
            : "";
}
