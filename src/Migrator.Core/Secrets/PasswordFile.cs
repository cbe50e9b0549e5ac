using System.Text;
using Migrator.Core.Files;

namespace Migrator.Core.Secrets;

/// <summary>A CSV file with the passwords of many mailboxes, as a spreadsheet writes it: its first line names the columns, of which
/// <c>user</c> is the login name and <c>password</c> the password.</summary>
internal static class PasswordFile
{
    private const string User = "user",
        Password = "password";

    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <param name="user">The login name; case is ignored, as mail servers do.</param>
    /// <returns>The password, or why there is none: as text, and never with what another line holds.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">There is no right to it.</exception>
    public static (string? Password, string Why) Find(string file, string user)
    {
        var text = InputFile.ReadText(file, InputFile.MostOfSettings, new UTF8Encoding(false));
        // A password in a job is a reference so that it can be kept from others; here, too.
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) != 0)
            return (null, "it is open to every user of this machine. Run \"chmod o-rwx\" on it.");
        if (text.Contains('\uFFFD'))
            return (null, "it is not UTF-8. In a spreadsheet, save it as \"CSV UTF-8\".");
        if (CsvText.Open(text) is not { } csv || csv.Read() is not { } columns)
            return (null, $"it has no lines; the first one must be \"{User},{Password}\".");
        var (userAt, passwordAt) = (Array.IndexOf(columns, User), Array.IndexOf(columns, Password));
        if (userAt < 0 || passwordAt < 0)
            return (null, $"its first line must name the columns \"{User}\" and \"{Password}\".");
        (string Password, int Line)? found = null;
        while (csv.Read() is { } cells)
        {
            if (!string.Equals(cells.ElementAtOrDefault(userAt), user, StringComparison.OrdinalIgnoreCase))
                continue;
            if (found is { } first)
                return (null, $"it names {user} twice, in lines {first.Line} and {csv.Line}. Remove one.");
            found = (cells.ElementAtOrDefault(passwordAt) ?? "", csv.Line);
        }
        return found is not { } row ? (null, $"it has no line for {user}. Add one with this login name.")
            : row.Password.Length == 0 ? (null, $"line {row.Line} has no password for {user}.")
            : (row.Password, "");
    }
}
