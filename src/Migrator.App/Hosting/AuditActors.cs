using System.Globalization;
using Migrator.Core.Auditing;
using Migrator.Core.Files;

namespace Migrator.App.Hosting;

/// <summary>Who is behind a command or the service.</summary>
public static class AuditActors
{
    /// <summary>The user of the operating system, and who logged in to the machine: a command of <c>sudo</c> runs as somebody
    /// else.</summary>
    public static AuditActor Command()
    {
        var (user, login) = (Environment.UserName, LoginUser());
        return new AuditActor(AuditActor.Command, user) { Login = login == user ? null : login, Host = Environment.MachineName };
    }

    public static AuditActor Service(WorkerIdentity identity) =>
        new(AuditActor.Service, Environment.UserName) { Host = Environment.MachineName, Worker = identity.Name };

    /// <returns>Null where the system does not say: it is Linux that keeps it, and sudo does not change it.</returns>
    private static string? LoginUser()
    {
        const string unset = "4294967295";
        try
        {
            if (
                !OperatingSystem.IsLinux()
                || InputFile.ReadText("/proc/self/loginuid", InputFile.MostOfSecret).Trim() is not { Length: > 0 } id
                || id == unset
            )
                return null;
            var entry = InputFile
                .ReadText("/etc/passwd", InputFile.MostOfSettings)
                .Split('\n')
                .Select(line => line.Split(':'))
                .FirstOrDefault(fields => fields.Length > 2 && fields[2] == id);
            return entry?[0] ?? string.Create(CultureInfo.InvariantCulture, $"uid {id}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
