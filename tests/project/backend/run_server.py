"""The backend of a small wallet: accounts, and whether the database answers."""
import os

from flask import Flask, jsonify
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

db = SQLAlchemy()


class Account(db.Model):
    __tablename__ = "account"
    id = db.Column(db.Integer, primary_key=True)
    owner = db.Column(db.String(80), nullable=False)
    currency = db.Column(db.String(3), nullable=False)


class Transfer(db.Model):
    __tablename__ = "transfer"
    id = db.Column(db.Integer, primary_key=True)
    account_id = db.Column(db.Integer, db.ForeignKey("account.id"), nullable=False)
    amount = db.Column(db.Numeric(18, 2), nullable=False)


def create_app():
    made = Flask(__name__)
    made.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
    made.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    db.init_app(made)
    Migrate(made, db)

    @made.get("/health")
    def health():
        db.session.execute(text("SELECT 1"))
        return jsonify(status="ok")

    @made.get("/api/accounts")
    def accounts():
        found = db.session.execute(db.select(Account).order_by(Account.id)).scalars()
        return jsonify(accounts=[{"id": one.id, "owner": one.owner, "currency": one.currency} for one in found])

    return made


app = create_app()

if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "5000")))
