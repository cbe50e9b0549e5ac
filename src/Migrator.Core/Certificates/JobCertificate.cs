using System.Text;
using System.Text.Json;

namespace Migrator.Core.Certificates;

/// <summary>The certificate of a job: names those of its mailboxes.</summary>
public static class JobCertificate
{
    /// <param name="name">Of the file.</param>
    /// <param name="without">Mailboxes that have no certificate, and the code of the reason.</param>
    public static WrittenCertificate Write(
        Stream file,
        string job,
        string name,
        IReadOnlyCollection<JobCertificateLine> mailboxes,
        IReadOnlyCollection<(string Mailbox, string Reason)> without,
        DateTimeOffset started,
        DateTimeOffset ended,
        string program
    )
    {
        var writer = new CertificateWriter(file);
        writer.Add(
            null,
            json =>
            {
                json.WriteString("type", "job");
                json.WriteString("format", CertificateFormat.Name);
                json.WriteNumber("version", CertificateFormat.Version);
                json.WriteString("job", job);
                json.WriteString("file", name);
                json.WriteString("started", CertificateFormat.Text(started));
                json.WriteString("ended", CertificateFormat.Text(ended));
                json.WriteString("program", program);
            }
        );
        var lines = mailboxes
            .Select(mailbox => (mailbox.Mailbox, Kind: "certificate", Write: (Action<Utf8JsonWriter>)(json => Write(json, mailbox))))
            .Concat(
                without.Select(row =>
                    (row.Mailbox, Kind: "without", Write: (Action<Utf8JsonWriter>)(json => json.WriteString("reason", row.Reason)))
                )
            );
        foreach (var line in lines.OrderBy(line => Encoding.UTF8.GetBytes(line.Mailbox), CertificateFormat.ByBytes))
            writer.Add(
                line.Kind,
                json =>
                {
                    json.WriteString("type", line.Kind);
                    json.WriteString("mailbox", line.Mailbox);
                    line.Write(json);
                }
            );
        var identical = without.Count == 0 && mailboxes.All(mailbox => mailbox.Verdict == CertificateFormat.Identical);
        var (signed, root) = writer.End(
            json =>
            {
                json.WriteString("of", "job");
                json.WriteString("job", job);
                json.WriteString("file", name);
            },
            identical
        );
        return new WrittenCertificate(signed, root, identical, writer.Counts);
    }

    private static void Write(Utf8JsonWriter json, JobCertificateLine mailbox)
    {
        json.WriteString("file", mailbox.File);
        json.WriteString("source", mailbox.Source);
        json.WriteString("target", mailbox.Target);
        json.WriteString("verdict", mailbox.Verdict);
        json.WriteString("root", mailbox.Root);
    }
}
