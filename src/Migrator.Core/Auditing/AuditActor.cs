namespace Migrator.Core.Auditing;

/// <summary>Who did something.</summary>
/// <param name="Kind"><see cref="Page"/>, <see cref="Command"/> or <see cref="Service"/>.</param>
/// <param name="Name">Of the person on the page, or of the operating system's user.</param>
public sealed record AuditActor(string Kind, string Name)
{
    /// <summary>A person on the dashboard.</summary>
    public const string Page = "page";

    /// <summary>A person at a command line, or a script.</summary>
    public const string Command = "command";

    /// <summary>The service, by the job files: nobody asked for it at that moment.</summary>
    public const string Service = "service";

    /// <summary>The user who logged in to the machine, where that is another one than <see cref="Name"/> (sudo); null where the system does
    /// not say.</summary>
    public string? Login { get; init; }

    /// <summary>What the person may do on the page.</summary>
    public string? Role { get; init; }

    /// <summary>Where the request came from.</summary>
    public string? Address { get; init; }

    /// <summary>The machine of a command or a service.</summary>
    public string? Host { get; init; }

    /// <summary>The worker's name among workers.</summary>
    public string? Worker { get; init; }
}
