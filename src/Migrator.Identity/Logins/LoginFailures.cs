using Migrator.Core.Failures;

namespace Migrator.Identity.Logins;

internal static class LoginFailures
{
    /// <param name="server">Names the token server, and for whom it is asked.</param>
    public static MailException Missing(string server) => new(Reason.LoginMissing, $"{server}: nobody has logged in.");
}
