using System.Collections.Concurrent;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Redaction;
using Migrator.Core.Reports;

namespace Migrator.Core.Progress;

public enum FolderPhase
{
    Waiting,
    Copying,
    Done,
    Failed,
}
