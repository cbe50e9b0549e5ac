using Migrator.Core.Jobs;

namespace Migrator.Discovery.Autoconfig;

/// <summary>What a file for Thunderbird says of one server.</summary>
/// <param name="NeedsToken">Passwords are not among what it accepts.</param>
internal sealed record AutoconfigServer(MailProtocol Protocol, string Host, int Port, TlsMode Tls, string User, bool NeedsToken);
